import { parentPort } from 'node:worker_threads'
import { isWindrowError, messageOf } from '../errors/windrow-error.ts'
import type { ThreadMessage } from './thread-messages.ts'

export interface ThreadAnswer<Answer> {
  readonly answer: Answer
  /** Buffers of the answer that are handed over instead of copied. */
  readonly transfer?: readonly ArrayBuffer[]
  /** The thread is not to be used again: it broke, or holds too much memory. */
  readonly worn?: boolean
}

/** Tells whoever waits that the thread is getting on, and for how long it may now be silent if not as long as before. */
export type Alive = (silenceMs?: number) => void

/**
 * What a module calls that runs as a disposable thread (disposable-threads.ts), when it is ready: answers one request
 * after the other. What `work` throws becomes the failure of its request, with its code.
 */
export function answerRequests<Request, Answer>(
  work: (request: Request, alive: Alive) => Promise<ThreadAnswer<Answer>>,
): void {
  const port = parentPort
  if (port === null) throw new Error('this module runs as a worker thread only')
  const post = (message: ThreadMessage<Answer>, transfer: readonly ArrayBuffer[] = []) =>
    port.postMessage(message, transfer)
  const alive: Alive = (silenceMs) => post({ kind: 'alive', ...(silenceMs === undefined ? {} : { silenceMs }) })
  port.on('message', async (request: Request) => {
    try {
      const { answer, transfer, worn = false } = await work(request, alive)
      post({ kind: 'answer', answer, worn }, transfer)
    } catch (error) {
      post({ kind: 'failed', code: isWindrowError(error) ? error.code : undefined, message: messageOf(error) })
    }
  })
  post({ kind: 'ready' })
}
