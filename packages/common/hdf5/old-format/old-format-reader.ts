import type { AttributeValue, DatasetContents, ElementType } from '../../results/contents.ts'
import { arrayOf, elementCount } from '../element-types.ts'
import type { DatasetInfo, PlainReader } from '../reader.ts'
import { signature } from '../superblock.ts'
import { attributeValue, type OldAttribute, readAttribute } from './attribute-values.ts'
import { Cursor, insist, undefinedAddress } from './cursor.ts'
import { readShape, readType } from './datatypes.ts'
import { membersOf, type SymbolTable } from './group-members.ts'
import { type Message, messagesAt, messageTypes } from './object-header.ts'

type OldObject = {
  readonly address: number
  readonly messages: readonly Message[]
  readonly attributes: ReadonlyMap<string, OldAttribute>
} & (
  | { readonly kind: 'group'; readonly members: ReadonlyMap<string, number> }
  | {
      readonly kind: 'dataset'
      readonly info: DatasetInfo
      readonly elementType: ElementType
      readonly data: Uint8Array
    }
)

const objectsKept = 64

/**
 * Reads a file as h5py writes it unless it is told otherwise (superblock 0), and nothing else: groups, plain contiguous
 * datasets and scalar attributes. About twenty times as fast as libhdf5. These files carry no checksums that libhdf5
 * could look at; what it does look at is looked at here, and everything that is not exactly as h5py writes it throws
 * NotOldFormat: then libhdf5 has to say what the file is. A test holds both to the same answers on thousands of mutants.
 */
export function openOldFormat(bytes: Uint8Array): PlainReader {
  return new OldFormatReader(bytes)
}

class OldFormatReader implements PlainReader {
  readonly #file: Uint8Array
  readonly #endOfFile: number
  readonly #root: OldObject
  readonly #objects = new Map<number, OldObject>()

  constructor(bytes: Uint8Array) {
    this.#file = bytes
    const { endOfFile, root } = readSuperblock(bytes)
    this.#endOfFile = endOfFile
    this.#root = this.#objectAt(root.address)
    const { tree, heap } = symbolTableOf(this.#root.messages)
    insist(root.cached === undefined || (root.cached.tree === tree && root.cached.heap === heap), 'another root')
  }

  memberNames(path: string): string[] {
    const object = this.#find(path)
    insist(object.kind === 'group', 'no group')
    return [...object.members.keys()]
  }

  kindOf(path: string): 'group' | 'dataset' {
    return this.#find(path).kind
  }

  attributeNames(path: string): string[] {
    return [...this.#find(path).attributes.keys()].sort()
  }

  attribute(path: string, name: string): AttributeValue {
    const attribute = this.#find(path).attributes.get(name)
    insist(attribute !== undefined, 'no such attribute')
    return attributeValue(attribute, this.#file, this.#endOfFile)
  }

  datasetInfo(path: string): DatasetInfo {
    return this.#dataset(path).info
  }

  read(path: string, limitBytes?: number): DatasetContents {
    const { info, elementType, data } = this.#dataset(path)
    insist(data.length <= (limitBytes ?? data.length), 'a large dataset')
    return { elementType, shape: info.shape, data: arrayOf(elementType, data) }
  }

  readRows(path: string, from: number, count: number): DatasetContents {
    const { info, elementType, data } = this.#dataset(path)
    const [rows = 0, ...rest] = info.shape
    insist(rows > 0 && from >= 0 && from + count <= rows, 'rows beyond the end')
    const rowBytes = data.length / rows
    const part = data.subarray(from * rowBytes, (from + count) * rowBytes)
    return { elementType, shape: [count, ...rest], data: arrayOf(elementType, part) }
  }

  #dataset(path: string) {
    const object = this.#find(path)
    insist(object.kind === 'dataset', 'no dataset')
    return object
  }

  #find(path: string): OldObject {
    let object = this.#root
    for (const name of path === '/' ? [] : path.split('/').slice(1)) {
      const address: number | undefined = object.kind === 'group' ? object.members.get(name) : undefined
      insist(address !== undefined, 'no such object')
      object = this.#objectAt(address)
    }
    return object
  }

  #objectAt(address: number): OldObject {
    const kept = this.#objects.get(address)
    if (kept !== undefined) return kept
    const object = readObject(this.#file, address, this.#endOfFile)
    if (this.#objects.size >= objectsKept) this.#objects.clear()
    this.#objects.set(address, object)
    return object
  }
}

function readSuperblock(file: Uint8Array): { endOfFile: number; root: { address: number; cached?: SymbolTable } } {
  const cursor = new Cursor(file, 0, file.length)
  cursor.exactly(...signature)
  // Versions, and the sizes of addresses and lengths.
  cursor.exactly(0, 0, 0, 0, 0, 8, 8, 0)
  // How many names and children the nodes of groups have, as h5py leaves it.
  cursor.exactly(4, 0, 16, 0, 0, 0, 0, 0)
  const [base, freeSpace, endOfFile, driver] = [cursor.u64(), cursor.u64(), cursor.u64(), cursor.u64()]
  insist(base === 0 && freeSpace === undefinedAddress && driver === undefinedAddress, 'another kind of file')
  insist(endOfFile <= file.length, 'a file that is not whole')
  const nameOffset = cursor.u64()
  const address = cursor.u64()
  const cacheType = cursor.u32()
  cursor.exactly(0, 0, 0, 0)
  const scratch = { tree: cursor.u64(), heap: cursor.u64() }
  insist(nameOffset === 0 && cacheType <= 1, 'another kind of root')
  return { endOfFile, root: { address, ...(cacheType === 1 && { cached: scratch }) } }
}

function readObject(file: Uint8Array, address: number, endOfFile: number): OldObject {
  const messages = messagesAt(file, address, endOfFile)
  const attributes = new Map<string, OldAttribute>()
  for (const { type, data } of messages) {
    if (type !== messageTypes.attribute) continue
    const attribute = readAttribute(data)
    insist(!attributes.has(attribute.name), 'an attribute twice')
    attributes.set(attribute.name, attribute)
  }
  const common = { address, messages, attributes }
  const types = messages.map(({ type }) => type)
  if (types.includes(messageTypes.symbolTable)) {
    insist(!types.some((type) => partsOfDatasets.includes(type)), 'a group that is a dataset')
    return { ...common, kind: 'group', members: membersOf(file, symbolTableOf(messages), endOfFile) }
  }
  return { ...common, kind: 'dataset', ...readDataset(messages, file, endOfFile) }
}

const partsOfDatasets: readonly number[] = [
  ...[messageTypes.dataspace, messageTypes.datatype, messageTypes.fillValue, messageTypes.layout],
]

function symbolTableOf(messages: readonly Message[]): SymbolTable {
  const cursor = cursorOf(messages, messageTypes.symbolTable)
  const table = { tree: cursor.u64(), heap: cursor.u64() }
  insist(cursor.left === 0, 'a group with more behind it')
  return table
}

function readDataset(messages: readonly Message[], file: Uint8Array, endOfFile: number) {
  const shape = readShape(dataOf(messages, messageTypes.dataspace))
  const type = readType(dataOf(messages, messageTypes.datatype))
  insist(type.kind === 'numeric', 'a dataset of text')
  checkFillValue(cursorOf(messages, messageTypes.fillValue))
  checkModificationTime(messages)
  const { elementType } = type
  const data = contiguousData(cursorOf(messages, messageTypes.layout), file, endOfFile)
  insist(data.length === elementCount(shape) * type.bytes, 'a dataset of another size')
  const info: DatasetInfo = {
    ...{ type: { kind: 'numeric', elementType }, shape, maxShape: shape, chunks: null, filters: [] },
    storage: 'contiguous',
  }
  return { info, elementType, data }
}

/** Version 3, contiguous: nothing else keeps all values in one place of this file. */
function contiguousData(cursor: Cursor, file: Uint8Array, endOfFile: number): Uint8Array {
  cursor.exactly(3, 1)
  const address = cursor.u64()
  const data = new Cursor(file, address, endOfFile).bytes(cursor.u64())
  insist(cursor.left < 8, 'a layout with more behind it')
  return data
}

/** Version 2 with a default value, or none. */
function checkFillValue(cursor: Cursor): void {
  cursor.exactly(2)
  const [allocated, written, defined] = [cursor.u8(), cursor.u8(), cursor.u8()]
  insist(allocated >= 1 && allocated <= 3 && written <= 2 && defined <= 1, 'another kind of fill value')
  insist(defined === 0 || cursor.u32() === 0, 'a fill value')
}

function checkModificationTime(messages: readonly Message[]): void {
  const message = messages.find(({ type }) => type === messageTypes.modificationTime)
  if (message !== undefined) new Cursor(message.data, 0, message.data.length).exactly(1, 0, 0, 0)
}

function dataOf(messages: readonly Message[], type: number): Uint8Array {
  const found = messages.find((message) => message.type === type)
  insist(found !== undefined, 'an object that lacks a part')
  return found.data
}

function cursorOf(messages: readonly Message[], type: number): Cursor {
  const data = dataOf(messages, type)
  return new Cursor(data, 0, data.length)
}
