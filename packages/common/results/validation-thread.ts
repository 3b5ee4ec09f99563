import { parentPort, workerData } from 'node:worker_threads'
import { isWindrowError, messageOf } from '../errors/windrow-error.ts'
import { loadHdf5 } from '../hdf5/library.ts'
import { type LayoutEvaluation, validateResult } from './validate-result.ts'
import type { ValidationReply, ValidationRequest, ValidationSetting } from './validation-messages.ts'

/** Validates one result after the other; thread-validator.ts ends it when one takes too long or breaks it. */
const port = parentPort
if (port === null) throw new Error('validation-thread.ts runs as a worker thread only')
const setting: ValidationSetting = workerData
const evaluation = await importEvaluation(setting.evaluationModule)
await loadHdf5()
port.on('message', async (request: ValidationRequest) => {
  const reply = await answer(request)
  port.postMessage(reply, buffersOf(reply))
})
port.postMessage({ kind: 'ready' } satisfies ValidationReply)

async function answer({ bytes, expectation }: ValidationRequest): Promise<ValidationReply> {
  try {
    const verdict = await validateResult(bytes, expectation, {
      evaluation,
      ...(setting.limits === undefined ? {} : { limits: setting.limits }),
    })
    return { kind: 'verdict', verdict, heapBytes: (await loadHdf5()).module.HEAPU8.length }
  } catch (error) {
    return { kind: 'failed', code: isWindrowError(error) ? error.code : undefined, message: messageOf(error) }
  }
}

async function importEvaluation(module: string): Promise<LayoutEvaluation> {
  const imported: { evaluation?: LayoutEvaluation } = await import(module)
  if (imported.evaluation === undefined) throw new Error(`${module} exports no evaluation`)
  return imported.evaluation
}

function buffersOf(reply: ValidationReply): ArrayBuffer[] {
  if (reply.kind !== 'verdict' || !reply.verdict.ok) return []
  const buffers = Object.values(reply.verdict.contents.datasets).map(({ data }) => data.buffer)
  return buffers.filter((buffer) => buffer instanceof ArrayBuffer)
}
