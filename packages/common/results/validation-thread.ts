import { workerData } from 'node:worker_threads'
import { heldBytes, loadHdf5 } from '../hdf5/library.ts'
import { limitWasmMemory } from '../hdf5/limit-memory.ts'
import { answerRequests } from '../threads/answer-requests.ts'
import { type LayoutEvaluation, validateResult } from './validate-result.ts'
import type { ValidationRequest, ValidationSetting } from './validation-messages.ts'
import type { Verdict } from './verdict.ts'

/** A thread whose libhdf5 has grown beyond this is replaced: its memory never shrinks. */
const largestHeapBytes = 256 * 2 ** 20
/** Loading libhdf5 says nothing about the file that is to be read. */
const loadingMs = 60_000

/** Validates one result after the other; thread-validator.ts ends it when one takes too long or breaks it. */
const { evaluationModule, evaluationTimeoutMs, limits }: ValidationSetting = workerData
const evaluation = await importEvaluation(evaluationModule)
limitWasmMemory(2 * largestHeapBytes)
answerRequests<ValidationRequest, Verdict>(async ({ bytes, expectation }, alive) => {
  const onForeign = async () => {
    alive(loadingMs)
    await loadHdf5()
    alive()
  }
  const onRead = () => alive(evaluationTimeoutMs)
  const verdict = await validateResult(bytes, expectation, { evaluation, limits, onForeign, onRead })
  const crashed = !verdict.ok && verdict.reason === 'reader-crashed'
  const worn = crashed || heldBytes() > largestHeapBytes
  return { answer: verdict, transfer: buffersOf(verdict), worn }
})

async function importEvaluation(module: string): Promise<LayoutEvaluation> {
  const imported: { evaluation?: LayoutEvaluation } = await import(module)
  if (imported.evaluation === undefined) throw new Error(`${module} exports no evaluation`)
  return imported.evaluation
}

function buffersOf(verdict: Verdict): ArrayBuffer[] {
  if (!verdict.ok) return []
  const buffers = Object.values(verdict.contents.datasets).map(({ data }) => data.buffer)
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer)
}
