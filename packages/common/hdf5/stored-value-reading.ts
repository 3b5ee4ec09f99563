import { Hdf5Error } from './hdf5-error.ts'
import type { Hdf5Library, Hdf5Work } from './library.ts'
import { elementBytesOf, type StoredValue } from './stored-object.ts'
import { type RawType, storedTypeOf, Uncarriable } from './stored-type.ts'

/** An open file, and the way to call libhdf5 about it. */
export interface OpenFile {
  readonly library: Hdf5Library
  readonly file: bigint
  call<Result>(action: string, work: Hdf5Work<Result>): Result
}

/** A dataset, or one of an object's attributes. */
export interface ValuePlace {
  readonly path: string
  readonly attribute?: string
  readonly limitBytes: number
}

interface RawValue extends RawType {
  readonly shape: readonly number[] | null
  readonly total_size: number
  readonly chunks: readonly number[] | null
  readonly virtual_sources?: unknown
}

/** An attribute is a message of an object header, which takes 64 KiB at most. */
const largestAttributeBytes = 60_000
const pointerBytes = 4
/** Filters that libhdf5 has here: deflate, shuffle, fletcher32, (no szip), nbit, scaleoffset. */
const builtInFilters = [1, 2, 3, 5, 6]

/** Reads a value as it is stored. Uncarriable for what cannot be carried, Hdf5Error for what cannot be read. */
export function readStoredValue(open: OpenFile, place: ValuePlace): StoredValue {
  const raw = describe(open, place)
  const type = storedTypeOf(raw)
  const { shape } = raw
  if (shape === null || raw.total_size === 0) return { type, shape, data: new Uint8Array(0) }
  if (place.attribute === undefined) refuseStorage(open, place, raw)
  const elementBytes = elementBytesOf(type)
  const size = raw.total_size * (elementBytes ?? pointerBytes)
  const held = Math.max(size, (raw.chunks ?? []).reduce((product, length) => product * length, 1) * raw.size)
  if (!(held <= place.limitBytes)) throw new Uncarriable(`${held} bytes, more than ${place.limitBytes}`)
  const data = open.library.withBytes(new Uint8Array(size), (pointer) => {
    read(open, place, pointer)
    if (elementBytes === undefined) return texts(open, place, { pointer, count: raw.total_size })
    return heapBytes(open, Number(pointer), size)
  })
  if ((type.kind === 'integer' || type.kind === 'float') && !type.littleEndian) turnRound(data, type.bytes)
  if (place.attribute !== undefined && data.length > largestAttributeBytes) {
    throw new Uncarriable(`${data.length} bytes, more than an attribute takes`)
  }
  return { type, shape, data }
}

function describe({ file, call }: OpenFile, { path, attribute }: ValuePlace): RawValue {
  const action = `looking at ${nameOf(path, attribute)}`
  return call(action, (module) =>
    attribute === undefined
      ? module.get_dataset_metadata(file, path)
      : module.get_attribute_metadata(file, path, attribute),
  ) as unknown as RawValue
}

function refuseStorage({ file, call }: OpenFile, { path }: ValuePlace, raw: RawValue): void {
  if (raw.virtual_sources !== undefined) throw new Uncarriable('a virtual dataset over other files')
  if (raw.chunks === null) return
  const filters = call(`looking at ${path}`, (module) => module.get_dataset_filters(file, path))
  const unknown = filters.find(({ id }) => !builtInFilters.includes(id))
  if (unknown) throw new Uncarriable(`a filter that is not here, ${unknown.name || unknown.id}`)
}

function read({ file, call }: OpenFile, { path, attribute }: ValuePlace, pointer: bigint): void {
  try {
    call(`reading ${nameOf(path, attribute)}`, (module) =>
      attribute === undefined
        ? module.get_dataset_data(file, path, null, null, null, pointer)
        : module.get_attribute_data(file, path, attribute, pointer),
    )
  } catch (error) {
    if (error instanceof Hdf5Error && error.outside) throw new Uncarriable('data that stand in another file')
    throw error
  }
}

/** Variable-length text, each with its length before it; libhdf5's copies are given back. */
function texts(open: OpenFile, place: ValuePlace, { pointer, count }: { pointer: bigint; count: number }): Uint8Array {
  const { path, attribute, limitBytes } = place
  try {
    const heap = open.library.module.HEAPU8
    const view = new DataView(heap.buffer)
    const parts: Uint8Array[] = []
    let total = 0
    for (let element = 0; element < count; element++) {
      const start = view.getUint32(Number(pointer) + pointerBytes * element, true)
      const end = start === 0 ? 0 : heap.indexOf(0, start)
      if (end < 0) throw new Hdf5Error(`reading ${nameOf(path, attribute)}: a text without an end`)
      const part = new Uint8Array(4 + end - start)
      new DataView(part.buffer).setUint32(0, end - start, true)
      part.set(heap.subarray(start, end), 4)
      total += part.length
      if (total > limitBytes) throw new Uncarriable(`more than ${limitBytes} bytes of text`)
      parts.push(part)
    }
    return Uint8Array.from(Buffer.concat(parts))
  } finally {
    open.call(`reading ${nameOf(path, attribute)}`, (module) =>
      module.reclaim_vlen_memory(open.file, path, attribute ?? '', pointer),
    )
  }
}

/** h5wasm gives big-endian numbers as little-endian ones; they go on as they stood in the file. */
function turnRound(data: Uint8Array, bytes: number): void {
  for (let at = 0; at < data.length; at += bytes) data.subarray(at, at + bytes).reverse()
}

function heapBytes({ library }: OpenFile, start: number, length: number): Uint8Array {
  return library.module.HEAPU8.slice(start, start + length)
}

function nameOf(path: string, attribute: string | undefined): string {
  return attribute === undefined ? path : `attribute ${attribute} of ${path}`
}
