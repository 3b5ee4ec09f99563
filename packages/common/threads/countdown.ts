const tickMs = 250

/**
 * Calls `onOver` when so much time has gone by for this process. Ticks of its own are counted, not the clock: when the
 * machine was suspended, or this thread was busy for a while, that counts as one tick, and a message that arrived
 * meanwhile is heard first.
 * @returns what stops it.
 */
export function startCountdown(durationMs: number, onOver: () => void): () => void {
  let ticksLeft = Math.ceil(durationMs / tickMs)
  const timer = setInterval(() => {
    if (--ticksLeft > 0) return
    clearInterval(timer)
    onOver()
  }, tickMs)
  return () => clearInterval(timer)
}
