import { Cursor } from './cursor.ts'
import { checksumBytes, type FileBlocks } from './file-blocks.ts'
import { Damage, NotOurs, ours } from './outcome.ts'

/** Message types (format specification 3.0, IV.A.2) that occur in our files. */
export const messageTypes = {
  nil: 0x00,
  dataspace: 0x01,
  linkInfo: 0x02,
  datatype: 0x03,
  fillValue: 0x05,
  link: 0x06,
  layout: 0x08,
  groupInfo: 0x0a,
  filters: 0x0b,
  attribute: 0x0c,
  continuation: 0x10,
  attributeInfo: 0x15,
} as const

export interface HeaderMessage {
  readonly type: number
  readonly body: Cursor
}

const check = 'object header checksum'
const signatureBytes = 4
/** Sizes of the first chunk in 1 to 8 bytes, with the four times of the object. */
const ourFlags = 0x20
const sizeFlags = 0x03
const timesFlag = 0x20
const phaseChangeFlag = 0x10
/** May be set on a message of ours: it is constant (1), or no reader that does not know it need fail (4). */
const harmlessMessageFlags = 0x05
const messageHeaderBytes = 4

/**
 * The messages of an object header of version 2 with all of its continuation blocks (format specification 3.0, IV.A.1.b
 * and IV.A.2.q), each block's checksum verified before a byte of it is believed.
 * @param what names the object in messages: `the object header of /farm0_t0_s0`.
 */
export function readObjectHeader(file: FileBlocks, at: number, what: string): HeaderMessage[] {
  const messages: HeaderMessage[] = []
  const blocks = [firstBlock(file, at, what)]
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    for (const message of messagesIn(block)) {
      if (message.type === messageTypes.continuation) blocks.push(continuationBlock(file, message.body, what))
      else messages.push(message)
    }
  }
  return messages
}

function firstBlock(file: FileBlocks, at: number, what: string): Cursor {
  const { bytes } = file
  ours(bytes[at] !== 1, `${what} is of version 1`)
  file.demandSignature(at, { signature: 'OHDR', what })
  const flags = bytes[at + 5] ?? 0
  const sizeBytes = 1 << (flags & sizeFlags)
  const sizeAt = at + 6 + (flags & timesFlag ? 16 : 0) + (flags & phaseChangeFlag ? 4 : 0)
  const from = sizeAt + sizeBytes
  const size = from > bytes.length ? Number.NaN : new Cursor(bytes, sizeAt, from).unsigned(sizeBytes)
  if (!(from + size + checksumBytes <= bytes.length)) {
    throw new Damage('bounds', `${what} at byte ${at} reaches beyond the end of the file.`)
  }
  file.claim(at, from + size + checksumBytes - at, what)
  file.verifyChecksum(at, from + size, { check, what })
  ours(bytes[at + 4] === 2 && (flags & ~sizeFlags) === ourFlags, `${what} has flags ${flags}`)
  new Cursor(bytes, at + 6, sizeAt).zeros(`a time of ${what}`)
  return new Cursor(bytes, from, from + size)
}

function continuationBlock(file: FileBlocks, body: Cursor, what: string): Cursor {
  const at = body.address()
  const length = body.u64()
  body.finish('a continuation message')
  ours(at !== undefined && length >= signatureBytes + checksumBytes, `a continuation of ${what} is empty`)
  return file.verified(at, length, { signature: 'OCHK', what: `a continuation of ${what}`, check })
}

/** A block that is not filled has empty messages, or a gap too small for one, never both. */
function* messagesIn(block: Cursor): Generator<HeaderMessage> {
  let empty = 0
  while (block.remaining >= messageHeaderBytes) {
    const type = block.u8()
    const length = block.u16()
    const flags = block.u8()
    ours((flags & ~harmlessMessageFlags) === 0, `a message of type ${type} has the flags ${flags}`)
    const body = block.part(length)
    if (type !== messageTypes.nil) yield { type, body }
    else {
      body.zeros('an empty message')
      empty++
    }
  }
  ours(empty === 0 || block.remaining === 0, 'an object header has an empty message and a gap')
  block.zeros('the gap at the end of an object header')
}

/** The one message of a type; NotOurs when there is none, or more than one. */
export function soleMessage(messages: readonly HeaderMessage[], type: number, what: string): Cursor {
  const [first, second] = messages.filter((message) => message.type === type)
  if (first === undefined || second !== undefined) throw new NotOurs(`${what} has not one message of type ${type}`)
  return first.body
}

/** All messages must be of these types. */
export function onlyTypes(messages: readonly HeaderMessage[], types: readonly number[], what: string): void {
  for (const { type } of messages) ours(types.includes(type), `${what} has a message of type ${type}`)
}
