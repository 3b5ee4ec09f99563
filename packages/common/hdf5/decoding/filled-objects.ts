import { Cursor } from '../strict-reader/cursor.ts'
import { lookup3 } from '../strict-reader/lookup3.ts'
import { type HeaderMessage, messageTypes } from '../strict-reader/object-header.ts'
import { Damage, NotOurs, ours, type StrictCheck } from '../strict-reader/outcome.ts'
import type { FileWindows } from './file-windows.ts'

const headBytes = 32
const checksumBytes = 4
const [sizeFlags, phaseChangeFlag, timesFlag] = [0x03, 0x10, 0x20]
const messageHead = 4
/** A message is constant (1), or not shared (4). */
const harmlessFlags = 0x05

/** The messages of an object header as putObjectHeader makes it, its checksum verified; NotOurs for any other. */
export function readHeader(file: FileWindows, at: number): HeaderMessage[] {
  return readHeaderWith(sizeFlags | phaseChangeFlag, file, at)
}

/** The same for one that libhdf5 made, which keeps the times of the object. */
export function readLibraryHeader(file: FileWindows, at: number): HeaderMessage[] {
  return readHeaderWith(sizeFlags | phaseChangeFlag | timesFlag, file, at)
}

function readHeaderWith(knownFlags: number, file: FileWindows, at: number): HeaderMessage[] {
  const head = file.read(at, headBytes)
  const flags = head[5]!
  ours(Buffer.from(head.subarray(0, 4)).equals(signatures.header) && head[4] === 2, 'an object is of another version')
  ours((flags & ~knownFlags) === 0, 'an object header keeps more than we know of')
  const sizeBytes = 1 << (flags & sizeFlags)
  const sizeAt = 6 + (flags & timesFlag ? 16 : 0) + (flags & phaseChangeFlag ? 4 : 0)
  const size = new Cursor(head, sizeAt, headBytes).unsigned(sizeBytes)
  return messagesIn(verified(file, at, sizeAt + sizeBytes + size + checksumBytes), sizeAt + sizeBytes)
}

/** The messages of a block that a continuation message points to. */
export function readContinuation(file: FileWindows, body: Cursor): HeaderMessage[] {
  const at = body.address()
  const length = body.u64()
  body.finish('a continuation message')
  ours(at !== undefined && length >= signatures.continuation.length + checksumBytes, 'a continuation is empty')
  const block = verified(file, at, length)
  ours(signatures.continuation.equals(block.subarray(0, 4)), 'a continuation is none')
  return messagesIn(block, signatures.continuation.length)
}

/** The one message of a type. */
export function only(messages: readonly HeaderMessage[], type: number): Cursor {
  const [first, second] = messages.filter((message) => message.type === type)
  if (first === undefined || second !== undefined) throw new NotOurs(`an object has not one message of type ${type}`)
  return first.body
}

export function bodiesOf(messages: readonly HeaderMessage[], type: number): Cursor[] {
  return messages.filter((message) => message.type === type).map(({ body }) => body)
}

const signatures = { header: Buffer.from('OHDR'), continuation: Buffer.from('OCHK') }

/** A block whose last four bytes are its checksum; a copy, since windows move on. */
export function verified(
  file: FileWindows,
  at: number,
  length: number,
  check: StrictCheck = 'object header checksum',
): Uint8Array {
  const block = file.read(at, length).slice()
  const end = length - checksumBytes
  if (new Cursor(block, end, length).u32() === lookup3(block, 0, end)) return block
  throw new Damage(check, `The checksum of bytes ${at} to ${at + end} does not match.`)
}

function messagesIn(block: Uint8Array, from: number): HeaderMessage[] {
  const messages: HeaderMessage[] = []
  const cursor = new Cursor(block, from, block.length - checksumBytes)
  while (cursor.remaining >= messageHead) {
    const type = cursor.u8()
    const length = cursor.u16()
    const flags = cursor.u8()
    ours((flags & ~harmlessFlags) === 0, `a message of type ${type} has the flags ${flags}`)
    const body = cursor.part(length)
    if (type === messageTypes.nil) body.zeros('an empty message')
    else messages.push({ type, body })
  }
  cursor.zeros('the gap at the end of an object header')
  return messages
}
