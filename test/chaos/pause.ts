/** So long, or until the run is to end. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const timer = setTimeout(done, ms)
    function done() {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    signal?.addEventListener('abort', done)
  })
}

/** Looks until it holds; false when it still does not after so long, or when the run is to end. */
export async function awaited(
  holds: () => boolean | Promise<boolean>,
  { forMs, signal }: { forMs: number; signal?: AbortSignal | undefined },
): Promise<boolean> {
  const deadline = performance.now() + forMs
  while (!(await holds())) {
    if (performance.now() > deadline || signal?.aborted) return false
    await pause(50, signal)
  }
  return true
}
