import type { Cursor } from './cursor.ts'
import { ours } from './outcome.ts'

export interface HardLink {
  readonly name: string
  /** Where the object header stands. */
  readonly address: number
}

/**
 * A link message of version 1 (format specification 3.0, IV.A.2.g): a hard link with an ASCII name of less than 256
 * characters. Soft and external links are none of ours, so nothing outside of the file is ever named.
 */
export function readLink(body: Cursor): HardLink {
  body.expect([1, 0], 'a link is no plain hard link')
  const name = body.name(body.u8(), 'the name of a link')
  ours(name !== '.' && !name.includes('/'), 'a link has no usable name')
  const address = body.address()
  ours(address !== undefined, `${name} leads nowhere`)
  body.finish('a link')
  return { name, address }
}
