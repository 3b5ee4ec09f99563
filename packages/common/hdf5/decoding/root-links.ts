import { Cursor } from '../strict-reader/cursor.ts'
import { type HeaderMessage, messageTypes } from '../strict-reader/object-header.ts'
import { Damage, NotOurs, ours } from '../strict-reader/outcome.ts'
import { signature } from '../superblock.ts'
import { FileWindows } from './file-windows.ts'
import { bodiesOf, only, readContinuation, readLibraryHeader, verified } from './filled-objects.ts'

const superblockBytes = 48
const treeHeaderBytes = 38
const mostBlocks = 64

/**
 * How many links the root group has, as the group itself counts them (format specification 3.0, IV.A.2.c and III.A.2):
 * libhdf5 would list them all first, in memory that it never gives back. Undefined when only libhdf5 can say.
 */
export function countRootLinks({ fd, size }: { readonly fd: number; readonly size: number }): number | undefined {
  try {
    return linksIn(new FileWindows(fd, size))
  } catch (error) {
    if (error instanceof NotOurs || error instanceof Damage) return undefined
    throw error
  }
}

function linksIn(file: FileWindows): number {
  const messages = messagesOf(file, rootIn(file))
  const info = only(messages, messageTypes.linkInfo)
  info.expect([0, 0], 'the root group keeps the order of its links')
  const [heapAt, indexAt] = [info.address(), info.address()]
  info.finish('a link info message')
  ours((heapAt === undefined) === (indexAt === undefined), 'the root group has links without an index')
  return indexAt === undefined ? bodiesOf(messages, messageTypes.link).length : recordsIn(file, indexAt)
}

/** All messages of an object, whose blocks may be continued again and again, but in no circle. */
function messagesOf(file: FileWindows, at: number): HeaderMessage[] {
  const messages: HeaderMessage[] = []
  let blocks = 0
  for (let block = readLibraryHeader(file, at); block.length > 0; ) {
    messages.push(...block)
    block = bodiesOf(block, messageTypes.continuation).flatMap((body) => {
      ours(++blocks <= mostBlocks, 'the root group is in more blocks than any of ours')
      return readContinuation(file, body)
    })
  }
  return messages
}

/** The address of the root group's header, from a superblock of version 2 or 3. */
function rootIn(file: FileWindows): number {
  const block = verified(file, 0, superblockBytes, 'superblock checksum')
  const cursor = new Cursor(block, 0, superblockBytes)
  cursor.expect([...signature], 'it begins as no file of ours')
  ours([2, 3].includes(cursor.u8()), 'its superblock is of another version')
  cursor.expect([8, 8], 'its addresses are of another size')
  cursor.u8()
  ours(cursor.address() === 0, 'it has a user block')
  cursor.part(8 + 8)
  const root = cursor.address()
  ours(root !== undefined, 'it has no root group')
  return root
}

/** How many records a version 2 B-tree has in all of its nodes. */
function recordsIn(file: FileWindows, at: number): number {
  const header = new Cursor(verified(file, at, treeHeaderBytes, 'link index checksum'), 0, treeHeaderBytes)
  header.expect([...Buffer.from('BTHD'), 0, 5], 'the index of the root group is none of links')
  header.part(4 + 2 + 2 + 1 + 1 + 8 + 2)
  return header.u64()
}
