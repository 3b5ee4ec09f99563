import { Worker } from 'node:worker_threads'
import type { ReplyMessage, RunMessage } from './messages.ts'

interface OptimizerThread {
  readonly ready: Promise<void>
  run(message: RunMessage): Promise<ReplyMessage>
}

/** The thread in which built-in optimizers compute; started again when a run asks for another heap limit. */
export function createOptimizerThread(): OptimizerThread {
  let heapMegabytes: number | undefined
  let { worker, ready } = startThread(heapMegabytes)
  return {
    ready,
    async run(message) {
      if (message.heapMegabytes !== heapMegabytes) {
        await worker.terminate()
        heapMegabytes = message.heapMegabytes
        ;({ worker, ready } = startThread(heapMegabytes))
        await ready
      }
      return await ask(worker, message)
    },
  }
}

function startThread(heapMegabytes: number | undefined): { worker: Worker; ready: Promise<void> } {
  const worker = new Worker(new URL('./optimizer-thread.ts', import.meta.url), {
    resourceLimits: heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: heapMegabytes },
  })
  const ready = new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  return { worker, ready }
}

function ask(worker: Worker, message: RunMessage): Promise<ReplyMessage> {
  return new Promise((resolve, reject) => {
    const onMessage = (reply: ReplyMessage) => {
      worker.off('error', onError)
      resolve(reply)
    }
    const onError = (error: NodeJS.ErrnoException) => {
      worker.off('message', onMessage)
      if (error.code !== 'ERR_WORKER_OUT_OF_MEMORY') return reject(error)
      resolve({ kind: 'failed', code: 'ATTEMPT_MEMORY', message: 'the optimizer ran out of heap', canHeal: true })
    }
    worker.once('message', onMessage)
    worker.once('error', onError)
    worker.postMessage(message)
  })
}
