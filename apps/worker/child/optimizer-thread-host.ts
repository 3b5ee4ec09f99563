import { Worker } from 'node:worker_threads'
import type { ReplyMessage, RunMessage } from './messages.ts'

/**
 * The thread in which built-in optimizers compute: started by the first run of one, for children that run commands need
 * none, and again when a run asks for another heap limit.
 */
export function createOptimizerThread(): (message: RunMessage) => Promise<ReplyMessage> {
  let thread: { readonly worker: Worker; readonly heapMegabytes: number | undefined } | undefined
  return async (message) => {
    const { heapMegabytes } = message
    if (thread?.heapMegabytes !== heapMegabytes) {
      await thread?.worker.terminate()
      thread = undefined
    }
    thread ??= { worker: startThread(heapMegabytes), heapMegabytes }
    return await ask(thread.worker, message)
  }
}

function startThread(heapMegabytes: number | undefined): Worker {
  return new Worker(new URL('./optimizer-thread.ts', import.meta.url), {
    resourceLimits: heapMegabytes === undefined ? {} : { maxOldGenerationSizeMb: heapMegabytes },
  })
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
