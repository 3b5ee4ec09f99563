import type { StoredGroup, StoredValue } from '../hdf5/stored-object.ts'

/** Turbines of the configuration that a group holds: the second dimension of its layout. NaN where there is none. */
export function turbinesIn({ datasets }: StoredGroup): number {
  return datasets.get('layout')?.shape?.[1] ?? Number.NaN
}

/** The AEP of the configuration that a group holds, GWh: of its dataset, else of its attribute. NaN where there is none. */
export function aepIn({ datasets, attributes }: StoredGroup): number {
  const value = datasets.get('aep') ?? attributes.get('aep')
  return (value && firstNumber(value)) ?? Number.NaN
}

/** The first element of a value of numbers. */
function firstNumber({ type, data }: StoredValue): number | undefined {
  if (type.kind !== 'integer' && type.kind !== 'float') return undefined
  if (data.length < type.bytes) return undefined
  const view = new DataView(data.buffer, data.byteOffset, type.bytes)
  const little = type.littleEndian
  if (type.kind === 'float') return type.bytes === 8 ? view.getFloat64(0, little) : view.getFloat32(0, little)
  if (type.bytes === 8) return Number(type.signed ? view.getBigInt64(0, little) : view.getBigUint64(0, little))
  if (type.bytes === 4) return type.signed ? view.getInt32(0, little) : view.getUint32(0, little)
  if (type.bytes === 2) return type.signed ? view.getInt16(0, little) : view.getUint16(0, little)
  return type.signed ? view.getInt8(0) : view.getUint8(0)
}
