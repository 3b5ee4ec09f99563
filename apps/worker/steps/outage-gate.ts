/**
 * Whether the worker takes new work. While any step waits for the store the gate is shut: what is finished waits in the
 * spool, and nothing new is begun that could not be brought home.
 */
export interface OutageGate {
  readonly open: boolean
  /** What it waits for while it is shut. */
  readonly reason: string | undefined
  /** A step met an outage; call the returned function when its call got through. */
  shut(reason: string): () => void
}

/** A gate that calls `onChange` when it shuts and when it opens. */
export function createOutageGate(onChange: (state: { open: boolean; reason: string }) => void): OutageGate {
  let waiting = 0
  let since: string | undefined
  return {
    get open() {
      return waiting === 0
    },
    get reason() {
      return waiting === 0 ? undefined : since
    },
    shut(reason) {
      waiting++
      since = reason
      if (waiting === 1) onChange({ open: false, reason })
      let released = false
      return () => {
        if (released) return
        released = true
        waiting--
        if (waiting === 0) onChange({ open: true, reason })
      }
    },
  }
}
