import type { StoredType, StoredValue } from '../stored-object.ts'
import type { Cursor } from '../strict-reader/cursor.ts'
import { ours } from '../strict-reader/outcome.ts'
import { decodeDatatype } from './decode-datatype.ts'

const noAddress = Array.from({ length: 8 }, () => 0xff)
const mostTypesKept = 256
const kindOfSpace = { scalar: 0, simple: 1, nothing: 2 } as const

/** Datatypes by their encoding: there are few, in thousands of objects. */
export class DatatypeDecoder {
  readonly #known = new Map<string, StoredType>()

  decode(body: Cursor): StoredType {
    const encoding = Buffer.from(body.bytes.buffer, body.bytes.byteOffset + body.at, body.remaining).toString('latin1')
    const known = this.#known.get(encoding)
    if (known !== undefined) return known
    const type = decodeDatatype(body)
    if (this.#known.size < mostTypesKept) this.#known.set(encoding, type)
    return type
  }
}

/** A dataspace as putDataspace makes it. */
export function decodeDataspace(body: Cursor): StoredValue['shape'] {
  body.expect([2], 'a dataspace is of another version')
  const rank = body.u8()
  body.expect([0], 'a dataspace can grow')
  const kind = body.u8()
  const shape = Array.from({ length: rank }, () => body.u64())
  body.finish('a dataspace')
  const expected = rank > 0 ? [kindOfSpace.simple] : [kindOfSpace.scalar, kindOfSpace.nothing]
  ours((expected as number[]).includes(kind), 'a dataspace is none of ours')
  return kind === kindOfSpace.nothing ? null : shape
}

/** What every group begins with: its links stand in the header, `links` of them. */
export function expectLinkInfo(body: Cursor): void {
  body.expect([0, 0, ...noAddress, ...noAddress], 'a group keeps its links elsewhere')
  body.finish('a link info message')
}

export function expectAttributeInfo(body: Cursor): void {
  body.expect([0, 0, ...noAddress, ...noAddress], 'an object keeps its attributes elsewhere')
  body.finish('an attribute info message')
}

/** A hard link as the encoder makes it. */
export function decodeLink(body: Cursor): { readonly name: string; readonly address: number } {
  body.expect([1], 'a link is of another version')
  const flags = body.u8()
  ours((flags & ~0x11) === 0, 'a link is no hard link')
  if (flags & 0x10) body.expect([1], 'the name of a link is of another character set')
  const length = flags & 1 ? body.u16() : body.u8()
  const name = textOf(body, length)
  const address = body.address()
  body.finish('a link')
  ours(address !== undefined && name.length > 0 && !name.includes('/') && name !== '.', 'a link has no usable name')
  return { name, address }
}

export interface AttributeParts {
  readonly name: string
  readonly datatype: Cursor
  readonly shape: StoredValue['shape']
  readonly data: Cursor
}

export function decodeAttribute(body: Cursor): AttributeParts {
  body.expect([3, 0], 'an attribute is of another version')
  const [nameBytes, datatypeBytes, dataspaceBytes] = [body.u16(), body.u16(), body.u16()]
  ours(body.u8() < 2 && nameBytes > 1, 'the name of an attribute is none of ours')
  const name = textOf(body, nameBytes - 1)
  body.expect([0], 'the name of an attribute is not closed')
  const datatype = body.part(datatypeBytes)
  const shape = decodeDataspace(body.part(dataspaceBytes))
  return { name, datatype, shape, data: body.part(body.remaining) }
}

function textOf(body: Cursor, length: number): string {
  const { at } = body.part(length)
  const text = Buffer.from(body.bytes.buffer, body.bytes.byteOffset + at, length)
  ours(!text.includes(0), 'a name has a NUL')
  return text.toString()
}
