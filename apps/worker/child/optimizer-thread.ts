import { writeFile } from 'node:fs/promises'
import { parentPort } from 'node:worker_threads'
import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import type { ReplyMessage, RunMessage } from './messages.ts'

/** Runs built-in optimizers and writes their results, one at a time. */
const port = parentPort!
port.on('message', async (message: RunMessage) => port.postMessage(await answer(message)))

async function answer({ problem, configurationDigest, outputPath }: RunMessage): Promise<ReplyMessage> {
  try {
    const outcome = optimize(problem)
    await writeFile(outputPath, await encodeResult(resultOf(problem, configurationDigest, outcome)))
    return { kind: 'done' }
  } catch (error) {
    console.error(error)
    if (isWindrowError(error)) {
      // A built-in optimizer repeats to the bit: what it refuses once it refuses for ever.
      return { kind: 'failed', code: error.code, message: error.message, canHeal: error.transient }
    }
    const full = (error as NodeJS.ErrnoException).code === 'ENOSPC'
    return { kind: 'failed', code: full ? 'DISK_FULL' : 'OPTIMIZER_FAILED', message: messageOf(error), canHeal: true }
  }
}
