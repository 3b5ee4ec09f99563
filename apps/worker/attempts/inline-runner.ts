import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import type { AttemptOutcome, AttemptRequest, AttemptRunner } from './runner.ts'

/** Runs built-in optimizers in the calling thread, without limits: for simulations. */
export function createInlineRunner(): AttemptRunner {
  return {
    run: async (request, signal) => (signal.aborted ? { kind: 'stopped', log } : await attempt(request)),
    close: async () => undefined,
  }
}

const log = new Uint8Array()

async function attempt({ problem, configurationDigest }: AttemptRequest): Promise<AttemptOutcome> {
  try {
    const contents = resultOf(problem, configurationDigest, optimize(problem))
    return { kind: 'output', bytes: await encodeResult(contents), log }
  } catch (error) {
    if (!isWindrowError(error)) throw error
    return { kind: 'failed', code: error.code, message: error.message, canHeal: error.transient, log }
  }
}
