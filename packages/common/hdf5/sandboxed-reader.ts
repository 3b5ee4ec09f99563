import { readBytes } from '../files/whole-transfers.ts'
import type { AttributeValue, DatasetContents, ElementType, NumericArray } from '../results/contents.ts'
import { textOf, unpackRows } from './compound-rows.ts'
import { type ReadPlan, type Rows, selectionOf } from './dataset-selection.ts'
import { nameOf, rowLayoutOf, typeOf } from './dataset-type.ts'
import { type DescriptorFile, mountDescriptor } from './descriptor-file.ts'
import { arrayOf, elementBytes, elementTypeOf, stringClass } from './element-types.ts'
import { Hdf5Error } from './hdf5-error.ts'
import type { Hdf5Library, Hdf5Module, Hdf5Work } from './library.ts'
import { addressIn } from './object-reference.ts'
import type { DatasetInfo, Hdf5Reader, Member, ReaderSource, RowRange } from './reader.ts'
import type { StoredValue } from './stored-object.ts'
import { readStoredValue } from './stored-value-reading.ts'
import { readSuperblock } from './superblock.ts'

const defaultLimitBytes = 256 * 2 ** 20
const attributeLimitBytes = 64 * 2 ** 10
const verifiedPathsKept = 1000

/** The reader over low-level calls, every status of which is checked. */
export class SandboxedReader implements Hdf5Reader {
  readonly superblockVersion: number
  readonly #library: Hdf5Library
  readonly #path: string
  readonly #descriptor: DescriptorFile | undefined
  readonly #verified = new Map<string, Member['kind']>([['/', 'group']])
  readonly #described = new Map<string, DatasetInfo>()
  #file: bigint | undefined

  constructor(library: Hdf5Library, source: ReaderSource) {
    const superblock = readSuperblock(...bytesAt(source))
    this.superblockVersion = typeof superblock === 'string' ? -1 : superblock.version
    this.#library = library
    this.#path = library.reservePath()
    try {
      if (source.kind === 'descriptor') this.#descriptor = mountDescriptor(library, this.#path, source)
      else library.files.writeFile(this.#path, source.bytes, { canOwn: true })
      this.#file = this.#guarded('opening the file', (module) =>
        module.open(this.#path, module.H5F_ACC_RDONLY, false, -1, -1),
      )
    } catch (error) {
      library.releasePath(this.#path)
      throw error
    }
  }

  members(groupPath: string): Member[] {
    const names = this.memberNames(groupPath)
    return names.map((name) => ({ name, kind: this.#kindOf(join(groupPath, name)) }))
  }

  memberNames(groupPath: string): string[] {
    this.#expect(groupPath, 'group')
    return this.#call(`listing ${groupPath}`, (module, file) => module.get_names(file, groupPath, false))
  }

  /** Every step of a path must be a hard link: HDF5 would follow any other without a word. */
  kindOf(path: string): Member['kind'] {
    const steps = path.split('/').slice(1)
    for (let length = 1; length < steps.length; length++) {
      const parent = `/${steps.slice(0, length).join('/')}`
      if (this.#kindOf(parent) !== 'group') throw new Hdf5Error(`${parent} is no group of this file`)
    }
    return this.#kindOf(path)
  }

  addressOf(path: string): number {
    const reference = this.#call(`looking for ${path}`, (module, file) => module.create_object_reference(file, path))
    return addressIn(reference)
  }

  attributeNames(path: string): string[] {
    this.#expect(path, 'group', 'dataset')
    return this.#call(`listing attributes of ${path}`, (module, file) => module.get_attribute_names(file, path))
  }

  attribute(path: string, name: string): AttributeValue {
    this.#expect(path, 'group', 'dataset')
    return this.#attribute(path, name)
  }

  attributes(path: string): Map<string, AttributeValue> {
    return new Map(this.attributeNames(path).map((name) => [name, this.#attribute(path, name)]))
  }

  datasetInfo(path: string): DatasetInfo {
    const known = this.#described.get(path)
    if (known !== undefined) return known
    const info = this.#describe(path)
    this.#described.set(path, info)
    return info
  }

  read(path: string, limitBytes = defaultLimitBytes): DatasetContents {
    const { info, elementType } = this.#numeric(path)
    const bytes = this.#readBytes(path, { info, itemBytes: elementBytes(elementType), limitBytes })
    return { elementType, shape: info.shape, data: arrayOf(elementType, bytes) }
  }

  readRows(path: string, from: number, count: number, limitBytes = defaultLimitBytes): DatasetContents {
    const { info, elementType } = this.#numeric(path)
    const plan = { info, itemBytes: elementBytes(elementType), limitBytes }
    const bytes = this.#readBytes(path, plan, { from, count })
    return { elementType, shape: [count, ...info.shape.slice(1)], data: arrayOf(elementType, bytes) }
  }

  readCompound(
    path: string,
    { from = 0, count, limitBytes = defaultLimitBytes }: RowRange = {},
  ): Map<string, NumericArray | string[]> {
    const info = this.datasetInfo(path)
    if (info.type.kind !== 'compound') throw new Hdf5Error(`${path} is no table: ${nameOf(info.type)}`)
    const metadata = this.#call(`looking at dataset ${path}`, (module, file) => module.get_dataset_metadata(file, path))
    const plan = { info, itemBytes: info.type.rowBytes, limitBytes }
    const rows = count ?? Math.max(0, (info.shape[0] ?? 0) - from)
    return unpackRows(rowLayoutOf(metadata), this.#readBytes(path, plan, { from, count: rows }))
  }

  readText(path: string, limitBytes = defaultLimitBytes): string {
    const { elementType, data } = this.read(path, limitBytes)
    if (elementType !== '|u1' || !(data instanceof Uint8Array))
      throw new Hdf5Error(`${path} is ${elementType}, not text`)
    try {
      return new TextDecoder('utf-8', { fatal: true }).decode(data)
    } catch (cause) {
      throw new Hdf5Error(`${path} is not UTF-8 text`, { cause })
    }
  }

  storedValue(path: string, limitBytes: number, attribute?: string): StoredValue {
    this.#expect(path, 'dataset', ...(attribute === undefined ? [] : (['group'] as const)))
    const open = { library: this.#library, file: this.#open(), call: this.#call.bind(this) }
    return readStoredValue(open, { path, limitBytes, ...(attribute !== undefined && { attribute }) })
  }

  attachedScales(path: string, dimension: number): string[] {
    this.#expect(path, 'dataset')
    return this.#call(`looking for the scales of ${path}`, (module, file) =>
      module.get_attached_scales(file, path, dimension),
    )
  }

  close(): void {
    const file = this.#file
    if (file === undefined) return
    this.#file = undefined
    try {
      if (!this.#library.broken) this.#guarded('closing the file', (module) => module.close_file(file))
    } finally {
      this.#library.releasePath(this.#path)
    }
  }

  #describe(path: string): DatasetInfo {
    this.#expect(path, 'dataset')
    const action = `looking at dataset ${path}`
    const metadata = this.#call(action, (module, file) => module.get_dataset_metadata(file, path))
    const filters = metadata.chunks ? this.#call(action, (module, file) => module.get_dataset_filters(file, path)) : []
    return {
      type: typeOf(metadata),
      shape: metadata.shape ?? [],
      maxShape: (metadata.maxshape ?? []).map((length) => (length > Number.MAX_SAFE_INTEGER ? null : length)),
      chunks: metadata.chunks,
      filters: filters.map(({ id, name }) => ({ id, name })),
      storage: metadata.virtual_sources ? 'virtual' : metadata.chunks ? 'chunked' : 'contiguous',
    }
  }

  #open(): bigint {
    if (this.#file === undefined) throw new Hdf5Error('the file is closed')
    return this.#file
  }

  /** Asked for before libhdf5 is called: whoever asks a closed file has not found libhdf5 broken. */
  #call<Result>(action: string, work: (module: Hdf5Module, file: bigint) => Result): Result {
    const file = this.#open()
    return this.#guarded(action, (module) => work(module, file))
  }

  #guarded<Result>(action: string, work: Hdf5Work<Result>): Result {
    let failure: unknown
    try {
      const result = this.#library.call(action, work)
      if (this.#descriptor?.failure === undefined) return result
    } catch (error) {
      failure = error
    }
    const cause = this.#descriptor?.failure
    if (cause === undefined) throw failure
    throw new Hdf5Error(`${action}: ${cause.message}`, { cause })
  }

  #expect(path: string, ...kinds: Member['kind'][]): void {
    const kind = this.kindOf(path)
    if (!kinds.includes(kind)) throw new Hdf5Error(`${path} is no ${kinds.join(' or ')} of this file (${kind})`)
  }

  #kindOf(path: string): Member['kind'] {
    const known = this.#verified.get(path)
    if (known !== undefined) return known
    const kind = this.#call(`looking for ${path}`, (module, file) => {
      if (module.get_symbolic_link(file, path) !== null) return 'other'
      if (module.get_external_link(file, path).filename !== undefined) return 'other'
      const type = module.get_type(file, path)
      return type === module.H5G_GROUP ? 'group' : type === module.H5G_DATASET ? 'dataset' : 'other'
    })
    // Kept for the objects that are being worked on, not for all of a file with a million of them.
    if (this.#verified.size >= verifiedPathsKept) this.#forgetVerified()
    this.#verified.set(path, kind)
    return kind
  }

  #forgetVerified(): void {
    this.#verified.clear()
    this.#described.clear()
    this.#verified.set('/', 'group')
  }

  #attribute(path: string, name: string): AttributeValue {
    const action = `reading attribute ${name} of ${path}`
    const metadata = this.#call(action, (module, file) => module.get_attribute_metadata(file, path, name))
    const element = elementTypeOf(metadata)
    if (metadata.shape?.length !== 0 || (element === undefined && metadata.type !== stringClass)) {
      throw new Hdf5Error(`attribute ${name} of ${path} is no scalar text, integer or float of up to 64 bits`)
    }
    if (metadata.size > attributeLimitBytes) throw new Hdf5Error(`attribute ${name} of ${path} is too large`)
    return this.#library.withBytes(new Uint8Array(metadata.size), (pointer) => {
      this.#call(action, (module, file) => module.get_attribute_data(file, path, name, pointer))
      if (metadata.vlen) return this.#variableText(path, name, pointer)
      const bytes = this.#heap(pointer, metadata.size)
      if (element === undefined) return decodeText(bytes, action)
      const [value] = arrayOf(element, bytes)
      return element === '<f8' || element === '<f4' ? Number(value) : BigInt(value ?? 0)
    })
  }

  #variableText(path: string, name: string, pointer: bigint): string {
    const action = `reading attribute ${name} of ${path}`
    try {
      const start = new DataView(this.#library.module.HEAPU8.buffer).getUint32(Number(pointer), true)
      if (start === 0) return ''
      const end = this.#library.module.HEAPU8.indexOf(0, start)
      if (end < 0 || end - start > attributeLimitBytes) throw new Hdf5Error(`${action}: it is too large`)
      return decodeText(this.#heap(BigInt(start), end - start), action)
    } finally {
      this.#call(action, (module, file) => module.reclaim_vlen_memory(file, path, name, pointer))
    }
  }

  #numeric(path: string): { info: DatasetInfo; elementType: ElementType } {
    const info = this.datasetInfo(path)
    if (info.type.kind !== 'numeric') throw new Hdf5Error(`${path} is not numeric: ${nameOf(info.type)}`)
    return { info, elementType: info.type.elementType }
  }

  #readBytes(path: string, plan: ReadPlan, rows?: Rows): Uint8Array {
    const action = `reading ${path}`
    const { size, count, offset, strides } = selectionOf(action, plan, rows)
    if (size === 0) return new Uint8Array(0)
    return this.#library.withBytes(new Uint8Array(size), (pointer) => {
      this.#call(action, (module, file) => module.get_dataset_data(file, path, count, offset, strides, pointer))
      return this.#heap(pointer, size)
    })
  }

  #heap(pointer: bigint, length: number): Uint8Array {
    return this.#library.module.HEAPU8.slice(Number(pointer), Number(pointer) + length)
  }
}

function bytesAt(source: ReaderSource): [(offset: number, length: number) => Uint8Array, number] {
  if (source.kind === 'memory') {
    return [(offset, length) => source.bytes.subarray(offset, offset + length), source.bytes.length]
  }
  return [(offset, length) => readBytes(source.fd, offset, length), source.size]
}

function join(groupPath: string, name: string): string {
  return groupPath === '/' ? `/${name}` : `${groupPath}/${name}`
}

function decodeText(bytes: Uint8Array, action: string): string {
  try {
    return textOf(bytes)
  } catch (cause) {
    throw new Hdf5Error(`${action}: it is not UTF-8 text`, { cause })
  }
}
