import { bytesOf } from '../hdf5/element-types.ts'
import type {
  FloatType,
  IntegerType,
  StoredDataset,
  StoredGroup,
  StoredValue,
  VariableTextType,
} from '../hdf5/stored-object.ts'
import type { AttributeValue, DatasetContents, ElementType, ResultContents } from './contents.ts'

const float64: FloatType = { kind: 'float', bytes: 8, littleEndian: true }
const int64 = integer(8, true)
const text: VariableTextType = { kind: 'variable-text', padding: 'null-terminated', utf8: true }

/** The types of a result's datasets as HDF5 has them. */
const storedTypes: Readonly<Record<ElementType, FloatType | IntegerType>> = {
  '<f8': float64,
  '<f4': { kind: 'float', bytes: 4, littleEndian: true },
  '<i8': int64,
  '<i4': integer(4, true),
  '<u8': integer(8, false),
  '<u4': integer(4, false),
  '|i1': integer(1, true),
  '|u1': integer(1, false),
}

const noAttributes: ReadonlyMap<string, StoredValue> = new Map()
const noGroups: ReadonlyMap<string, StoredGroup> = new Map()

/** A result as the group of a merged file: text as variable-length UTF-8, so that `attrs['status'] == 'success'` in h5py. */
export function storedGroupOf({ attributes, datasets }: ResultContents): StoredGroup {
  const storedAttributes = Object.entries(attributes).map(([name, value]) => [name, storedAttribute(value)] as const)
  const storedDatasets = Object.entries(datasets).map(([name, dataset]) => [name, storedDataset(dataset)] as const)
  return { attributes: new Map(storedAttributes), datasets: new Map(storedDatasets), groups: noGroups }
}

function storedDataset({ elementType, shape, data }: DatasetContents): StoredDataset {
  return { type: storedTypes[elementType], shape, data: bytesOf(elementType, data), attributes: noAttributes }
}

function storedAttribute(value: AttributeValue): StoredValue {
  if (typeof value === 'string') return { type: text, shape: [], data: lengthAndBytes(value) }
  const data = new Uint8Array(8)
  const view = new DataView(data.buffer)
  if (typeof value === 'bigint') view.setBigInt64(0, value, true)
  else view.setFloat64(0, value, true)
  return { type: typeof value === 'bigint' ? int64 : float64, shape: [], data }
}

function lengthAndBytes(value: string): Uint8Array {
  const bytes = Buffer.from(value)
  const data = new Uint8Array(4 + bytes.length)
  new DataView(data.buffer).setUint32(0, bytes.length, true)
  data.set(bytes, 4)
  return data
}

function integer(bytes: IntegerType['bytes'], signed: boolean): IntegerType {
  return { kind: 'integer', bytes, signed, littleEndian: true }
}
