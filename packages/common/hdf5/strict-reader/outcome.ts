/** What the strict reader verifies, and names when it does not hold. */
export const strictChecks = [
  'superblock checksum',
  'object header checksum',
  'link index checksum',
  'chunk index checksum',
  'chunk checksum',
  'signature',
  'bounds',
] as const
export type StrictCheck = (typeof strictChecks)[number]

/** The file is none that this project wrote, or holds something that it never writes: libhdf5 decides what it is. */
export class NotOurs extends Error {
  constructor(because: string) {
    super(because)
    this.name = 'NotOurs'
  }
}

/** A file that cannot be what its writer wrote: no reader of HDF5 could make sense of it. */
export class Damage extends Error {
  readonly check: StrictCheck

  constructor(check: StrictCheck, detail: string) {
    super(detail)
    this.name = 'Damage'
    this.check = check
  }
}

/** Ends the strict reading with NotOurs unless the condition holds; `what` is what our files always are. */
export function ours(condition: boolean, what: string): asserts condition {
  if (!condition) throw new NotOurs(what)
}
