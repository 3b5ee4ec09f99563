import type { RowLayout } from './compound-rows.ts'
import {
  type CompoundColumn,
  compoundClass,
  elementTypeOf,
  stringClass,
  type TypeDescription,
} from './element-types.ts'
import type { Hdf5Library } from './library.ts'
import type { DatasetType } from './reader.ts'

/** A dataset as h5wasm describes it. */
export type DatasetMetadata = ReturnType<Hdf5Library['module']['get_dataset_metadata']>

/** What a dataset's elements are, as far as they can be read. */
export function typeOf(metadata: DatasetMetadata): DatasetType {
  if (metadata.shape === null) return { kind: 'other', description: 'empty dataspace' }
  if (metadata.type === stringClass) return { kind: 'text', bytes: metadata.vlen ? 'variable' : metadata.size }
  if (metadata.type === compoundClass) return compoundTypeOf(metadata)
  const elementType = elementTypeOf(metadata)
  if (elementType !== undefined) return { kind: 'numeric', elementType }
  return { kind: 'other', description: `HDF5 class ${metadata.type}, ${metadata.size} bytes` }
}

function compoundTypeOf(metadata: DatasetMetadata): DatasetType {
  const columns: CompoundColumn[] = []
  for (const member of metadata.compound_type?.members ?? []) {
    const type = columnTypeOf(member)
    if (type === undefined) return { kind: 'other', description: `compound with column ${member.name} of another type` }
    columns.push({ name: member.name, type })
  }
  return { kind: 'compound', columns, rowBytes: metadata.size }
}

function columnTypeOf(member: TypeDescription): CompoundColumn['type'] | undefined {
  if (member.type === stringClass) return member.vlen ? undefined : { text: member.size - 1 }
  return elementTypeOf(member)
}

/** Where the columns of a table lie in its rows as they come from libhdf5. */
export function rowLayoutOf(metadata: DatasetMetadata): RowLayout {
  const columns = (metadata.compound_type?.members ?? []).map((member) => ({
    name: member.name,
    type: columnTypeOf(member) ?? { text: member.size },
    offset: member.offset,
    bytes: member.size,
  }))
  return { columns, rowBytes: metadata.size }
}

/** A type in a few words, for messages. */
export function nameOf(type: DatasetType): string {
  if (type.kind === 'numeric') return type.elementType
  return type.kind === 'other' ? type.description : type.kind
}
