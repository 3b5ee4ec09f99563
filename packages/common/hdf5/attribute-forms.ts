import type { AttributeValue } from '../results/contents.ts'
import { asciiBytes } from './compound-rows.ts'
import {
  bytesOf,
  describeElement,
  describeText,
  stringClass,
  type TypeDescription,
  utf8Characters,
} from './element-types.ts'
import { Hdf5Error } from './hdf5-error.ts'

/** The bytes of an attribute that lies in its object's header, with their type. Hdf5Error when it does not fit there. */
export function fixedAttribute(name: string, value: AttributeValue): { bytes: Uint8Array; type: TypeDescription } {
  if (typeof value === 'number') {
    return { bytes: bytesOf('<f8', new Float64Array([value])), type: describeElement('<f8') }
  }
  if (typeof value === 'bigint') {
    if (BigInt.asIntN(64, value) !== value) throw new Hdf5Error(`attribute ${name} does not fit int64: ${value}`)
    return { bytes: bytesOf('<i8', new BigInt64Array([value])), type: describeElement('<i8') }
  }
  const text = asciiBytes(`attribute ${name}`, value, 60_000)
  const bytes = new Uint8Array(text.length + 1)
  bytes.set(text)
  return { bytes, type: describeText(bytes.length) }
}

/** Text that lies in a heap of the file, behind a pointer of 32 bits. */
export const variableText: TypeDescription = {
  type: stringClass,
  size: 4,
  signed: false,
  vlen: true,
  littleEndian: true,
  cset: utf8Characters,
}

/** The description h5wasm creates a scalar from. */
export function scalar(type: TypeDescription) {
  return { ...type, total_size: 1, shape: [], maxshape: [] }
}
