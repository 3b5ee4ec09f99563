import type { AttributeValue, DatasetContents, ElementType, NumericArray } from '../results/contents.ts'
import { fixedAttribute, scalar, variableText } from './attribute-forms.ts'
import { type CompoundRow, describeRow, layOutRow, packRows } from './compound-rows.ts'
import { type DescriptorFile, mountDescriptor } from './descriptor-file.ts'
import {
  bytesOf,
  type CompoundColumn,
  describeElement,
  elementBytes,
  elementCount,
  type TypeDescription,
} from './element-types.ts'
import { Hdf5Error } from './hdf5-error.ts'
import type { Hdf5Library, Hdf5Work } from './library.ts'
import { maxAttributes } from './limits.ts'
import { addressIn } from './object-reference.ts'
import { textChunkBytes, textChunks } from './text-chunks.ts'
import type {
  AttributeOptions,
  CompoundOptions,
  DatasetStorage,
  Hdf5Writer,
  WriterOptions,
  WriterTarget,
} from './writer.ts'

const unlimited = 18446744073709551615n

interface Growing {
  rows: number
  readonly rest: readonly number[]
  readonly rowBytes: number
  /** undefined for compound rows, which come as packed bytes. */
  readonly elementType: ElementType | undefined
}

/** The writer over low-level calls, every status of which is checked. */
export class SandboxedWriter implements Hdf5Writer {
  readonly #library: Hdf5Library
  readonly #path: string
  readonly #inMemory: boolean
  readonly #descriptor: DescriptorFile | undefined
  readonly #pinnedTimeMs: number
  readonly #growing = new Map<string, Growing>()
  #attributed = { path: '', count: 0 }
  #file: bigint | undefined

  constructor(library: Hdf5Library, target: WriterTarget, { pinnedTimeMs, existing }: Required<WriterOptions>) {
    this.#library = library
    this.#path = library.reservePath()
    this.#inMemory = target.kind === 'memory'
    this.#pinnedTimeMs = pinnedTimeMs
    try {
      if (target.kind === 'descriptor') {
        this.#descriptor = mountDescriptor(library, this.#path, { fd: target.fd })
      }
      const version = library.module.H5F_LIBVER_V110
      this.#file = this.#call(existing ? 'opening the file' : 'creating the file', (module) =>
        module.open(this.#path, existing ? module.H5F_ACC_RDWR : module.H5F_ACC_TRUNC, false, version, version),
      )
    } catch (error) {
      library.releasePath(this.#path)
      throw error
    }
  }

  createGroup(path: string): void {
    this.#call(`creating group ${path}`, (module) => module.create_group(this.#open(), path, false))
  }

  addressOf(path: string): number {
    const reference = this.#call(`looking for ${path}`, (module) => module.create_object_reference(this.#open(), path))
    return addressIn(reference)
  }

  writeDataset(path: string, { elementType, shape, data, ...storage }: DatasetContents & DatasetStorage): void {
    const bytes = bytesOf(elementType, data)
    if (data.length !== elementCount(shape)) {
      throw new Hdf5Error(`${path}: ${data.length} values do not fill the shape (${shape.join(', ')})`)
    }
    this.#create(path, describeElement(elementType), { shape, bytes, storage })
    if (storage.maxShape !== undefined) this.#grow(path, shape, elementBytes(elementType), elementType)
  }

  appendRows(path: string, data: NumericArray): void {
    const { elementType } = this.#growingAt(path)
    if (elementType === undefined) throw new Hdf5Error(`${path} is a table`)
    this.#append(path, bytesOf(elementType, data))
  }

  writeText(path: string, pieces: Iterable<string>): void {
    const storage = { chunks: [textChunkBytes], fletcher32: true, maxShape: [null] }
    this.writeDataset(path, { elementType: '|u1', shape: [0], data: new Uint8Array(0), ...storage })
    for (const chunk of textChunks(pieces)) this.appendRows(path, chunk)
  }

  writeCompound(
    path: string,
    columns: readonly CompoundColumn[],
    rows: Iterable<CompoundRow>,
    { chunkRows = 1024 }: CompoundOptions = {},
  ): void {
    const layout = layOutRow(columns)
    const storage = { chunks: [chunkRows], fletcher32: true, maxShape: [null] }
    this.#create(path, describeRow(layout), { shape: [0], bytes: new Uint8Array(0), storage })
    this.#grow(path, [0], layout.rowBytes, undefined)
    let slab: CompoundRow[] = []
    for (const row of rows) {
      slab.push(row)
      if (slab.length < chunkRows) continue
      this.#append(path, packRows(layout, slab))
      slab = []
    }
    this.#append(path, packRows(layout, slab))
  }

  writeAttribute(path: string, name: string, value: AttributeValue, options?: AttributeOptions): void {
    this.#countAttribute(path, name)
    const action = `writing attribute ${name} of ${path}`
    if (typeof value === 'string' && options?.encoding === 'variable-utf8') {
      const metadata = scalar(variableText)
      this.#call(action, (module) => module.create_vlen_str_attribute(this.#open(), path, name, [value], metadata))
      return
    }
    const { bytes, type } = fixedAttribute(name, value)
    this.#library.withBytes(bytes, (pointer) =>
      this.#call(action, (module) => module.create_attribute(this.#open(), path, name, pointer, scalar(type))),
    )
  }

  makeScale(path: string, name: string): void {
    this.#call(`making ${path} a scale`, (module) => module.set_scale(this.#open(), path, name))
  }

  attachScale(path: string, scalePath: string, dimension: number): void {
    this.#call(`attaching ${scalePath} to ${path}`, (module) =>
      module.attach_scale(this.#open(), path, scalePath, dimension),
    )
  }

  close(): Uint8Array {
    const file = this.#open()
    try {
      this.#call('flushing the file', (module) => module.flush(file))
      this.#file = undefined
      this.#call('closing the file', (module) => module.close_file(file))
      return this.#inMemory ? this.#library.files.readFile(this.#path) : new Uint8Array(0)
    } finally {
      this.#release()
    }
  }

  discard(): void {
    this.#release()
  }

  #release(): void {
    const file = this.#file
    this.#file = undefined
    this.#growing.clear()
    try {
      if (file !== undefined && !this.#library.broken) this.#pinned(() => this.#library.module.close_file(file))
    } finally {
      this.#library.releasePath(this.#path)
    }
  }

  #open(): bigint {
    if (this.#file === undefined) throw new Hdf5Error('the file is closed')
    return this.#file
  }

  #create(
    path: string,
    type: TypeDescription,
    { shape, bytes, storage }: { shape: readonly number[]; bytes: Uint8Array; storage: DatasetStorage },
  ): void {
    if (storage.fletcher32 && !storage.chunks) throw new Hdf5Error(`${path}: Fletcher32 needs chunks`)
    const metadata = {
      ...type,
      total_size: elementCount(shape),
      shape: shape.map(BigInt),
      maxshape: (storage.maxShape ?? shape).map((length) => (length === null ? unlimited : BigInt(length))),
      chunks: storage.chunks?.map(BigInt) ?? null,
      compression: storage.fletcher32 ? this.#library.module.H5Z_FILTER_FLETCHER32 : 0,
      compression_opts: [],
      track_order: false,
    }
    this.#library.withBytes(bytes, (pointer) =>
      this.#call(`writing ${path}`, (module) => module.create_dataset(this.#open(), path, pointer, metadata)),
    )
  }

  #grow(path: string, shape: readonly number[], itemBytes: number, elementType: ElementType | undefined): void {
    const [rows = 0, ...rest] = shape
    this.#growing.set(path, { rows, rest, rowBytes: itemBytes * elementCount(rest), elementType })
  }

  #growingAt(path: string): Growing {
    const growing = this.#growing.get(path)
    if (growing === undefined) throw new Hdf5Error(`${path} was not written with a maxShape`)
    return growing
  }

  #append(path: string, bytes: Uint8Array): void {
    const growing = this.#growingAt(path)
    const added = bytes.length / growing.rowBytes
    if (!Number.isInteger(added)) throw new Hdf5Error(`${path}: ${bytes.length} bytes are no whole rows`)
    if (added === 0) return
    const rest = growing.rest.map(BigInt)
    const from = BigInt(growing.rows)
    const count = [BigInt(added), ...rest]
    this.#call(`growing ${path}`, (module) =>
      module.resize_dataset(this.#open(), path, [from + BigInt(added), ...rest]),
    )
    this.#library.withBytes(bytes, (pointer) =>
      this.#call(`appending to ${path}`, (module) =>
        module.set_dataset_data(
          this.#open(),
          path,
          count,
          [from, ...rest.map(() => 0n)],
          count.map(() => 1n),
          pointer,
        ),
      ),
    )
    growing.rows += added
  }

  #countAttribute(path: string, name: string): void {
    if (this.#attributed.path !== path) {
      const names = this.#call(`listing attributes of ${path}`, (module) =>
        module.get_attribute_names(this.#open(), path),
      )
      this.#attributed = { path, count: names.length }
    }
    if (this.#attributed.count >= maxAttributes) {
      throw new Hdf5Error(`${path} has ${maxAttributes} attributes; ${name} is one too many`)
    }
    this.#attributed.count++
  }

  /** A call whose failure is the descriptor's, when that is what failed: libhdf5 itself may stay silent on a full disk. */
  #call<Result>(action: string, work: Hdf5Work<Result>): Result {
    let failure: unknown
    try {
      const result = this.#pinned(() => this.#library.call(action, work))
      if (this.#descriptor?.failure === undefined) return result
    } catch (error) {
      failure = error
    }
    const cause = this.#descriptor?.failure
    if (cause === undefined) throw failure
    const errorStack = failure instanceof Hdf5Error ? failure.errorStack : ''
    throw new Hdf5Error(`${action}: ${cause.message}`, { cause, errorStack })
  }

  /** libhdf5 puts the seconds of the clock into object headers and cannot be told not to. */
  #pinned<Result>(work: () => Result): Result {
    const now = Date.now
    Date.now = () => this.#pinnedTimeMs
    try {
      return work()
    } finally {
      Date.now = now
    }
  }
}
