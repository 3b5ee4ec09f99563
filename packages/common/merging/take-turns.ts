import { setImmediate as nextTurn } from 'node:timers/promises'

const turnMs = 100

/**
 * Waits until everything else has had its turn, when the last time is long enough ago; for work that would keep the process
 * from renewing locks and hearing signals for minutes.
 */
export function takeTurns(now = () => performance.now()): () => Promise<void> {
  let began = now()
  return async () => {
    if (now() - began < turnMs) return
    await nextTurn()
    began = now()
  }
}
