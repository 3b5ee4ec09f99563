import { Cursor, u32At } from './cursor.ts'
import { checksumBytes, type FileBlocks } from './file-blocks.ts'
import { type HardLink, readLink } from './link.ts'
import { lookup3 } from './lookup3.ts'
import { Damage, NotOurs, ours } from './outcome.ts'

const check = 'link index checksum'
const heapHeaderBytes = 146
const heapIdBytes = 7
const treeHeaderBytes = 38
const treeRecordBytes = 4 + heapIdBytes
const freeSpaceHeaderBytes = 82
const largestBlockBytes = 65_536

interface LinkHeap {
  readonly bytes: Uint8Array
  readonly from: number
  /** Offsets in the heap count from the beginning of its one block; objects come behind the block's head. */
  readonly headBytes: number
  readonly blockBytes: number
  readonly objects: number
}

/**
 * The links of a group with more than eight members: link messages in a fractal heap of one block, found through a version
 * 2 B-tree of one leaf (format specification 3.0, III.G, III.A.2, and IV.A.2.c for how a group leads there).
 * @param what names the group in messages.
 */
export function readDenseLinks(
  file: FileBlocks,
  { heapAt, indexAt }: { readonly heapAt: number; readonly indexAt: number },
  what: string,
): HardLink[] {
  const heap = readHeap(file, heapAt, what)
  const records = readIndex(file, indexAt, what)
  ours(records.length === heap.objects, `the heap and the index of ${what} count differently`)
  return records.map(({ hash, offset, length }) => {
    ours(offset >= heap.headBytes && offset + length <= heap.blockBytes, `a link of ${what} lies outside of its heap`)
    const link = readLink(new Cursor(heap.bytes, heap.from + offset, heap.from + offset + length))
    const name = Buffer.from(link.name, 'latin1')
    ours(hash === lookup3(name, 0, name.length), `the index of ${what} does not lead to ${link.name}`)
    return link
  })
}

/** The fractal heap's header and its root block, which is a direct one (III.G). */
function readHeap(file: FileBlocks, at: number, group: string): LinkHeap {
  const what = `the heap of links of ${group}`
  const header = file.verified(at, heapHeaderBytes, { signature: 'FRHP', what, check })
  header.expect([0, heapIdBytes, 0, 0, 0, 2], `${what} is none of ours`)
  header.u32() // largest managed object: the next two are empty when none was larger
  header.u64() // number the next huge object would get
  ours(header.address() === undefined, `${what} holds huge objects`)
  header.u64() // free space, for writers
  const freeSpaceAt = header.address()
  header.u64() // space managed and allocated, and where a writer would go on
  const allocated = header.u64()
  header.u64()
  const objects = header.u64()
  for (let field = 0; field < 4; field++) ours(header.u64() === 0, `${what} holds huge or tiny objects`)
  header.u16() // width of the table of further blocks
  const blockBytes = header.u64()
  ours(blockBytes === allocated && blockBytes <= largestBlockBytes, `${what} has more than one block`)
  header.u64() // largest block
  const offsetBytes = header.u16() / 8
  ours(offsetBytes === 4, `${what} has other offsets`)
  header.u16() // rows of a root block that is none
  const blockAt = header.address()
  ours(header.u16() === 0 && blockAt !== undefined, `${what} has more than one block`)
  header.finish(what)
  if (freeSpaceAt !== undefined) verifyFreeSpace(file, freeSpaceAt, what)
  const headBytes = 4 + 1 + 8 + offsetBytes + checksumBytes
  readHeapBlock(file, blockAt, { blockBytes, headBytes, heapAt: at, what })
  return { bytes: file.bytes, from: blockAt, headBytes, blockBytes, objects }
}

interface HeapBlock {
  readonly blockBytes: number
  readonly headBytes: number
  readonly heapAt: number
  readonly what: string
}

/** A direct block, whose checksum stands in its head and is computed with zeros in its own place (III.G). */
function readHeapBlock(file: FileBlocks, at: number, { blockBytes, headBytes, heapAt, what }: HeapBlock): void {
  file.claim(at, blockBytes, what)
  file.demandSignature(at, { signature: 'FHDB', what })
  const checksumAt = at + headBytes - checksumBytes
  const block = file.bytes.slice(at, at + blockBytes).fill(0, headBytes - checksumBytes, headBytes)
  if (u32At(file.bytes, checksumAt) !== lookup3(block, 0, blockBytes)) {
    throw new Damage(check, `The checksum of ${what} (bytes ${at} to ${at + blockBytes}) does not match.`)
  }
  const head = new Cursor(file.bytes, at + 4, checksumAt)
  head.expect([0], `${what} is none of ours`)
  ours(head.u64() === heapAt && head.u32() === 0, `${what} has a block of another heap`)
}

/**
 * What a writer would need to know of the heap's gaps (III.H): verified, and of no further use. Readers need not look at it,
 * so libhdf5 decides about a file in which it is damaged.
 */
function verifyFreeSpace(file: FileBlocks, at: number, heap: string): void {
  try {
    readFreeSpace(file, at, heap)
  } catch (error) {
    throw error instanceof Damage ? new NotOurs(error.message) : error
  }
}

function readFreeSpace(file: FileBlocks, at: number, heap: string): void {
  const what = `the free space of ${heap}`
  const header = file.verified(at, freeSpaceHeaderBytes, { signature: 'FSHD', what, check })
  header.expect([0, 0], `${what} is none of ours`)
  header.part(4 * 8 + 4 * 2 + 8)
  const sectionsAt = header.address()
  const usedBytes = header.u64()
  ours(header.u64() === usedBytes, `${what} has room left`)
  header.finish(what)
  ours(sectionsAt !== undefined && usedBytes >= 17, `${what} lists nothing`)
  const sections = file.verified(sectionsAt, usedBytes, { signature: 'FSSE', what, check })
  ours(sections.u8() === 0 && sections.u64() === at, `${what} lists that of another heap`)
}

/** The records of a version 2 B-tree of type 5 whose root is a leaf (III.A.2). */
function readIndex(file: FileBlocks, at: number, group: string) {
  const what = `the index of links of ${group}`
  const header = file.verified(at, treeHeaderBytes, { signature: 'BTHD', what, check })
  header.expect([0, 5], `${what} is none of ours`)
  const nodeBytes = header.u32()
  ours(header.u16() === treeRecordBytes && header.u16() === 0, `${what} is a tree of several levels`)
  header.u16() // how full nodes are to be, for writers
  const rootAt = header.address()
  const count = header.u16()
  ours(rootAt !== undefined && header.u64() === count, `${what} is empty`)
  header.finish(what)
  const usedBytes = 6 + count * treeRecordBytes + checksumBytes
  ours(usedBytes <= nodeBytes && nodeBytes <= largestBlockBytes, `${what} has more records than fit`)
  const leaf = file.verified(rootAt, usedBytes, { signature: 'BTLF', what, check })
  file.claim(rootAt + usedBytes, nodeBytes - usedBytes, what)
  new Cursor(file.bytes, rootAt + usedBytes, rootAt + nodeBytes).zeros(`the rest of ${what}`)
  leaf.expect([0, 5], `${what} is none of ours`)
  return Array.from({ length: count }, () => {
    const hash = leaf.u32()
    leaf.expect([0], `${what} leads to no managed object`)
    return { hash, offset: leaf.u32(), length: leaf.u16() }
  })
}
