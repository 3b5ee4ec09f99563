export interface Interruption {
  /** Aborts at the first Ctrl-C or SIGTERM: drain. */
  readonly drain: AbortSignal
  dispose(): void
}

/** First Ctrl-C (or SIGTERM) drains, the second stops now: `onDrain`, then `onStopNow`. */
export function listenForInterruption(onDrain: () => void, onStopNow: () => void): Interruption {
  const controller = new AbortController()
  const onSignal = () => {
    if (controller.signal.aborted) return onStopNow()
    controller.abort()
    onDrain()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  return {
    drain: controller.signal,
    dispose() {
      process.off('SIGINT', onSignal)
      process.off('SIGTERM', onSignal)
    },
  }
}
