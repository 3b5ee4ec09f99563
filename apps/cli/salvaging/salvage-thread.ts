import { parentPort } from 'node:worker_threads'
import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import { evaluateLayout } from '@windrow/common/optimizing/evaluate.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import type { ResultContents, SalvageSource } from '@windrow/common/results/contents.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { evaluation } from '@windrow/common/results/problem-evaluation.ts'
import { validateResult } from '@windrow/common/results/validate-result.ts'
import type { PreparationReply, PreparationRequest } from './salvage-threads.ts'

/** Evaluates layouts and makes results of them, one after the other. */
const port = parentPort
if (port === null) throw new Error('salvage-thread.ts runs as a worker thread only')
port.on('message', (request: PreparationRequest) => {
  void answer(request).then((reply) => port.postMessage(reply))
})

async function answer(request: PreparationRequest): Promise<PreparationReply> {
  try {
    return await prepare(request)
  } catch (error) {
    return { kind: 'failed', code: isWindrowError(error) ? error.code : undefined, message: messageOf(error) }
  }
}

async function prepare({ problem, layout, evaluate, result }: PreparationRequest): Promise<PreparationReply> {
  const count = layout.length / 2
  const positions = { xM: layout.subarray(0, count), yM: layout.subarray(count) }
  const evaluatedGWh = evaluate ? evaluateLayout(problem, positions).aepGWh : undefined
  if (result === undefined) return { kind: 'prepared', evaluatedGWh, bytes: undefined }
  const { source, reportedGWh, digest } = result
  const aepGWh = source.aep === 'reevaluated' ? evaluatedGWh! : reportedGWh
  const contents = withSource(resultOf(problem, digest, { layout: positions, aepGWh }), source, reportedGWh)
  const bytes = await encodeResult(contents)
  // Read back as whoever merges it will; its AEP was evaluated a moment ago.
  const { key, boundary, minSpacingM, nTurbines } = problem
  const expectation = { key, boundary, minSpacingM, nTurbines, configurationDigest: digest }
  const verdict = await validateResult(bytes.slice(), expectation, { evaluation })
  if (verdict.ok) return { kind: 'prepared', evaluatedGWh, bytes }
  throw new Error(`the result of ${key} is not valid as it was written: ${verdict.reason}: ${verdict.detail}`)
}

function withSource(contents: ResultContents, salvaged: SalvageSource, reportedGWh: number): ResultContents {
  if (salvaged.aep === 'as-reported') return { ...contents, salvaged }
  const reported = { elementType: '<f8', shape: [], data: Float64Array.of(reportedGWh) } as const
  return { ...contents, salvaged, datasets: { ...contents.datasets, aep_reported: reported } }
}
