export interface Interruption {
  /** Aborts at the first Ctrl-C or SIGTERM: drain. */
  readonly drain: AbortSignal
  dispose(): void
}

/**
 * The first Ctrl-C (or SIGTERM) drains, a Ctrl-C after it stops now: `onDrain`, then `onStopNow`. A second SIGTERM says nothing
 * new: batch systems send it to a job, to each of its steps, and again when its time is up.
 */
export function listenForInterruption(onDrain: () => void, onStopNow: () => void): Interruption {
  const controller = new AbortController()
  const onTerminate = () => {
    if (controller.signal.aborted) return
    controller.abort()
    onDrain()
  }
  const onInterrupt = () => (controller.signal.aborted ? onStopNow() : onTerminate())
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return {
    drain: controller.signal,
    dispose() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
    },
  }
}
