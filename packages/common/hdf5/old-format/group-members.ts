import { Cursor, insist, textIn, undefinedAddress } from './cursor.ts'

/** What an old group is made of: a B-tree of its names, and a heap that has their text. */
export interface SymbolTable {
  readonly tree: number
  readonly heap: number
}

interface Heap {
  readonly data: Uint8Array
}

interface Place {
  readonly file: Uint8Array
  readonly endOfFile: number
  readonly heap: Heap
}

const deepestTree = 6
const heapListEnds = 1
const childrenAtMost = 32
const namesAtMost = 8
const entryBytes = 40

/**
 * The members of a group: names, and addresses of object headers. Everything is held against everything that libhdf5 looks
 * at on its way to one of them, so that both find the same.
 */
export function membersOf(file: Uint8Array, { tree, heap }: SymbolTable, endOfFile: number): Map<string, number> {
  const place = { file, endOfFile, heap: readHeap(file, heap, endOfFile) }
  const members = new Map<string, number>()
  let last = ''
  for (const { name, address } of entriesOf(place, { address: tree, level: undefined, depth: 0 })) {
    insist(last < name, 'names out of order')
    last = name
    members.set(name, address)
  }
  return members
}

interface Entry {
  readonly name: string
  readonly address: number
}

function* entriesOf(
  place: Place,
  node: { address: number; level: number | undefined; depth: number },
): Generator<Entry> {
  const cursor = new Cursor(place.file, node.address, place.endOfFile)
  cursor.signature('TREE')
  insist(cursor.u8() === 0, 'no tree of names')
  const level = cursor.u8()
  insist(node.level === undefined || level === node.level, 'a tree of uneven depth')
  insist(node.depth < deepestTree, 'a very deep tree')
  const count = cursor.u16()
  insist(count <= childrenAtMost, 'a node with too many children')
  const [left, right] = [cursor.u64(), cursor.u64()]
  insist(node.depth > 0 || (left === undefinedAddress && right === undefinedAddress), 'a tree with several roots')
  insist(cursor.left >= 8 + 2 * childrenAtMost * 8, 'a node beyond the end')
  let before = textAt(place.heap, cursor.u64())
  for (let child = 0; child < count; child++) {
    const address = cursor.u64()
    const upTo = textAt(place.heap, cursor.u64())
    const entries =
      level === 0 ? namesAt(place, address) : entriesOf(place, { address, level: level - 1, depth: node.depth + 1 })
    for (const entry of entries) {
      insist(before < entry.name && entry.name <= upTo, 'a name in the wrong place')
      yield entry
    }
    before = upTo
  }
}

function* namesAt({ file, endOfFile, heap }: Place, address: number): Generator<Entry> {
  const cursor = new Cursor(file, address, endOfFile)
  cursor.signature('SNOD')
  cursor.exactly(1, 0)
  const count = cursor.u16()
  insist(count <= namesAtMost && cursor.left >= namesAtMost * entryBytes, 'a node with too many names')
  for (let entry = 0; entry < count; entry++) {
    const name = textAt(heap, cursor.u64())
    const header = cursor.u64()
    const cacheType = cursor.u32()
    cursor.exactly(0, 0, 0, 0)
    const scratch = { tree: cursor.u64(), heap: cursor.u64() }
    // 2 is a soft link. What 1 caches is held against the object itself, by whoever opens it.
    insist(cacheType <= 1 && name !== '', 'another kind of link')
    insist(cacheType === 0 || scratch.tree !== undefinedAddress, 'a cache without a tree')
    yield { name, address: header }
  }
}

function readHeap(file: Uint8Array, address: number, endOfFile: number): Heap {
  const cursor = new Cursor(file, address, endOfFile)
  cursor.signature('HEAP')
  cursor.exactly(0, 0, 0, 0)
  const size = cursor.u64()
  const firstFree = cursor.u64()
  const data = new Cursor(file, cursor.u64(), endOfFile).bytes(size)
  checkFreeList(data, firstFree)
  return { data }
}

/** libhdf5 refuses a heap whose list of free blocks leads out of it, or does not end. */
function checkFreeList(data: Uint8Array, first: number): void {
  let left = data.length / 16
  for (let at = first; at !== heapListEnds; ) {
    insist(left-- > 0, 'a list without an end')
    const cursor = new Cursor(data, at, data.length)
    const next = cursor.u64()
    const size = cursor.u64()
    insist(next !== 0 && size >= 16 && at + size <= data.length, 'a free block beyond the end')
    at = next
  }
}

function textAt({ data }: Heap, offset: number): string {
  insist(offset < data.length && data.indexOf(0, offset) >= 0, 'a name beyond the end')
  return textIn(data.subarray(offset))
}
