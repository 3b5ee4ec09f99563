import type { AttributeValue, DatasetContents, ElementType, NumericArray } from '../results/contents.ts'
import type { CompoundColumn } from './element-types.ts'
import { loadHdf5 } from './library.ts'
import { SandboxedReader } from './sandboxed-reader.ts'
import type { StoredValue } from './stored-object.ts'

/** What is read: bytes in memory (not copied, never changed), or a descriptor opened for reading. */
export type ReaderSource =
  | { readonly kind: 'memory'; readonly bytes: Uint8Array }
  | { readonly kind: 'descriptor'; readonly fd: number; readonly size: number }

export interface Member {
  readonly name: string
  /** 'other': soft and external links, named types; they are never followed. */
  readonly kind: 'group' | 'dataset' | 'other'
}

export type DatasetType =
  | { readonly kind: 'numeric'; readonly elementType: ElementType }
  | { readonly kind: 'text'; readonly bytes: number | 'variable' }
  | { readonly kind: 'compound'; readonly columns: readonly CompoundColumn[]; readonly rowBytes: number }
  | { readonly kind: 'other'; readonly description: string }

export interface DatasetInfo {
  readonly type: DatasetType
  /** [] is a scalar. */
  readonly shape: readonly number[]
  /** null is any length. */
  readonly maxShape: readonly (number | null)[]
  readonly chunks: readonly number[] | null
  readonly filters: readonly { readonly id: number; readonly name: string }[]
  /** 'contiguous' may hide external storage: reading that is refused. 'virtual' is not read. */
  readonly storage: 'chunked' | 'contiguous' | 'virtual'
}

/** HDF5's number of the Fletcher32 filter. */
export const fletcher32Filter = 3

/** Reads one HDF5 file nobody vouches for. Every method throws Hdf5Error when it fails; links are not followed. */
export interface Hdf5Reader {
  /** 0 is h5py's default, whose metadata carries no checksums. */
  readonly superblockVersion: number
  members(groupPath: string): Member[]
  /** The names alone, for a group too wide to look at every member of. */
  memberNames(groupPath: string): string[]
  /** What a path leads to; Hdf5Error when a step on the way is no group. */
  kindOf(path: string): Member['kind']
  /** Where the header of an object stands in the file. */
  addressOf(path: string): number
  attributeNames(path: string): string[]
  /** A scalar attribute; Hdf5Error when it is no text, integer or float, or larger than 64 KiB. */
  attribute(path: string, name: string): AttributeValue
  /** All attributes of an object, as `attribute` reads them. */
  attributes(path: string): Map<string, AttributeValue>
  datasetInfo(path: string): DatasetInfo
  /** A numeric dataset as a whole; its size, and that of a chunk, are held against the limit before anything is read. */
  read(path: string, limitBytes?: number): DatasetContents
  /** Rows [from, from + count) along the first dimension of a numeric dataset. */
  readRows(path: string, from: number, count: number, limitBytes?: number): DatasetContents
  /** Columns of a table by name; all rows, or [from, from + count). */
  readCompound(path: string, range?: RowRange): Map<string, NumericArray | string[]>
  /** The text of a one-dimensional |u1 dataset. */
  readText(path: string, limitBytes?: number): string
  /**
   * A dataset, or an attribute of an object, of any type that can be carried, as it is stored; Uncarriable for others, and
   * for one that is larger than the limit.
   */
  storedValue(path: string, limitBytes: number, attribute?: string): StoredValue
  /** Paths of the dimension scales attached to one dimension of a dataset. */
  attachedScales(path: string, dimension: number): string[]
  close(): void
}

/** The part of a reader that files of other programs are read with. */
export type PlainReader = Pick<
  Hdf5Reader,
  'memberNames' | 'kindOf' | 'attributeNames' | 'attribute' | 'datasetInfo' | 'read' | 'readRows'
>

export interface RowRange {
  readonly from?: number
  readonly count?: number
  readonly limitBytes?: number
}

/** Opens a file; Hdf5Error with libhdf5's reason when it is none, is truncated, or does not open. */
export async function openReader(source: ReaderSource): Promise<Hdf5Reader> {
  return new SandboxedReader(await loadHdf5(), source)
}
