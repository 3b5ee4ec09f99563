/** Long enough for a machine that has a lot else to do. */
const patienceMs = 600_000
const pauseMs = 300

/** Waits until `holds` does; gives up after ten minutes and names `what` was waited for. */
export async function awaited(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`waited in vain for ${what}`)
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
  }
}
