import {
  type CompoundMember,
  type CompoundType,
  type EnumType,
  type IntegerType,
  type StoredType,
  textPaddings,
} from './stored-object.ts'

/** How h5wasm describes a type, in full. */
export interface RawType {
  readonly type: number
  readonly size: number
  readonly signed: boolean
  readonly vlen: boolean
  readonly littleEndian: boolean
  readonly cset?: number
  readonly strpad?: number
  readonly compound_type?: { readonly members: readonly RawMember[] }
  readonly enum_type?: { readonly type: number; readonly members: Readonly<Record<string, number>> }
}
export interface RawMember extends RawType {
  readonly name: string
  readonly offset: number
}

/** Something sound that cannot be carried into another file bit for bit; the message says why. */
export class Uncarriable extends Error {}

const classNames = ['integer', 'float', 'time', 'text', 'bitfield', 'opaque', 'compound', 'reference', 'enum']
const [integerClass, floatClass, textClass, compoundClass, enumClass] = [0, 1, 3, 6, 8]
const largestInt32 = 2 ** 31 - 1

/** The type that h5wasm describes, as far as it can be carried; Uncarriable otherwise. */
export function storedTypeOf(raw: RawType): StoredType {
  if (raw.type === integerClass) return integerTypeOf(raw)
  if (raw.type === floatClass) {
    // Of other lengths there are several formats, which h5wasm does not tell apart.
    if (raw.size !== 4 && raw.size !== 8) throw new Uncarriable(`floats of ${8 * raw.size} bits`)
    return { kind: 'float', bytes: raw.size, littleEndian: raw.littleEndian }
  }
  if (raw.type === textClass) {
    const [padding, utf8] = [textPaddings[raw.strpad ?? 0], raw.cset === 1]
    if (padding === undefined) throw new Uncarriable('text of an unknown padding')
    return raw.vlen ? { kind: 'variable-text', padding, utf8 } : { kind: 'text', bytes: raw.size, padding, utf8 }
  }
  if (raw.type === compoundClass) return compoundTypeOf(raw)
  if (raw.type === enumClass) return enumTypeOf(raw)
  throw new Uncarriable(`values of the HDF5 type ${classNames[raw.type] ?? (raw.type === 9 ? 'sequence' : 'array')}`)
}

function integerTypeOf({ size, signed, littleEndian }: RawType): IntegerType {
  if (size !== 1 && size !== 2 && size !== 4 && size !== 8) throw new Uncarriable(`integers of ${size} bytes`)
  return { kind: 'integer', bytes: size, signed, littleEndian }
}

/** libhdf5 does not turn enumerations and tables round for us, so that they are carried as they stand or not at all. */
function enumTypeOf(raw: RawType): EnumType {
  const base = integerTypeOf(raw)
  const members = Object.entries(raw.enum_type?.members ?? {})
  if (!base.littleEndian && base.bytes > 1) throw new Uncarriable('a big-endian enumeration')
  // h5wasm tells values as int32, the nearest it has.
  if (raw.enum_type?.type !== integerClass || members.some(([, value]) => Math.abs(value) >= largestInt32)) {
    throw new Uncarriable('an enumeration of large numbers')
  }
  return { kind: 'enum', base, members: members.toSorted(([, one], [, other]) => one - other) }
}

function compoundTypeOf(raw: RawType): CompoundType {
  const members = (raw.compound_type?.members ?? []).map((member): CompoundMember => {
    const type = storedTypeOf(member)
    if (type.kind === 'variable-text') throw new Uncarriable(`a table with variable-length text, ${member.name}`)
    const isNumber = type.kind === 'integer' || type.kind === 'float'
    if (isNumber && type.bytes > 1 && !type.littleEndian) {
      throw new Uncarriable(`a table with a big-endian column, ${member.name}`)
    }
    return { name: member.name, offset: member.offset, type }
  })
  return { kind: 'compound', bytes: raw.size, members }
}
