import type { z } from 'zod'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'

/** A record as the bytes that go into the store: JSON, two spaces, a newline at the end. */
export function encodeRecord(record: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(record, null, 2)}\n`)
}

/** Reads a record from the store's bytes; STORE_RECORD_INVALID names the object and what is wrong with it. */
export function decodeRecord<Schema extends z.ZodType>(
  schema: Schema,
  name: string,
  bytes: Uint8Array,
): z.infer<Schema> {
  try {
    return schema.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
  } catch (cause) {
    throw new WindrowError('STORE_RECORD_INVALID', {
      message: `${name} is not a record Windrow wrote: ${messageOf(cause)}`,
      cause,
      context: { name, bytes: bytes.length },
    })
  }
}
