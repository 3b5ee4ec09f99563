import type { AttributeValue } from '../../results/contents.ts'
import type { Cursor } from './cursor.ts'
import { readDataspace } from './dataspace.ts'
import { readDatatype } from './datatype.ts'
import { NotOurs, ours } from './outcome.ts'

/**
 * An attribute message of version 3 (format specification 3.0, IV.A.2.m): a scalar float64, int64, or ASCII text that fills
 * its room up to the closing NUL.
 */
export function readAttribute(body: Cursor): { readonly name: string; readonly value: AttributeValue } {
  body.expect([3, 0], 'an attribute is not of version 3')
  const nameBytes = body.u16()
  const datatypeBytes = body.u16()
  const dataspaceBytes = body.u16()
  body.expect([0], 'the name of an attribute is not ASCII')
  ours(nameBytes > 1, 'an attribute has no name')
  const name = body.name(nameBytes - 1, 'the name of an attribute')
  body.expect([0], 'the name of an attribute is not closed')
  const datatype = readDatatype(body.part(datatypeBytes))
  ours(readDataspace(body.part(dataspaceBytes)).length === 0, `attribute ${name} is no scalar`)
  const value = readValue(datatype, body, name)
  body.finish(`attribute ${name}`)
  return { name, value }
}

function readValue(datatype: ReturnType<typeof readDatatype>, body: Cursor, name: string): AttributeValue {
  if (typeof datatype !== 'string') return readClosedText(body, datatype.textBytes, `attribute ${name}`)
  const { at } = body.part(8)
  const view = new DataView(body.bytes.buffer, body.bytes.byteOffset + at, 8)
  if (datatype === '<f8') return view.getFloat64(0, true)
  if (datatype === '<i8') return view.getBigInt64(0, true)
  throw new NotOurs(`attribute ${name} is ${datatype}`)
}

function readClosedText(body: Cursor, bytes: number, what: string): string {
  ours(bytes > 0, `${what} is not closed`)
  const text = body.ascii(bytes - 1, what)
  body.expect([0], `${what} is not closed`)
  return text
}
