import { Cursor, insist } from './cursor.ts'

/** Message types of the HDF5 file format, section IV.A.2, that old files of h5py have. */
export const messageTypes = {
  nil: 0x0,
  dataspace: 0x1,
  datatype: 0x3,
  fillValue: 0x5,
  layout: 0x8,
  attribute: 0xc,
  continuation: 0x10,
  symbolTable: 0x11,
  modificationTime: 0x12,
} as const

export interface Message {
  readonly type: number
  readonly data: Uint8Array
}

const mostMessages = 4096
const known: readonly number[] = Object.values(messageTypes)
const once: readonly number[] = [
  ...[messageTypes.dataspace, messageTypes.datatype, messageTypes.fillValue],
  ...[messageTypes.layout, messageTypes.symbolTable, messageTypes.modificationTime],
]

/** The messages of the object whose header (version 1) is at `address`, in their order. */
export function messagesAt(file: Uint8Array, address: number, endOfFile: number): Message[] {
  const header = new Cursor(file, address, endOfFile)
  header.exactly(1, 0)
  const count = header.u16()
  insist(header.u32() === 1, 'an object with several links')
  const size = header.u32()
  header.exactly(0, 0, 0, 0)
  insist(count <= mostMessages, 'very many messages')
  const messages: Message[] = []
  const blocks = [{ at: header.at, size }]
  let seen = 0
  for (let block = blocks.shift(); block !== undefined; block = blocks.shift()) {
    const cursor = new Cursor(file, block.at, Math.min(endOfFile, block.at + block.size))
    insist(cursor.left === block.size && block.size % 8 === 0, 'a block of messages beyond the end')
    while (cursor.left > 0) {
      const message = nextMessage(cursor)
      insist(++seen <= count, 'more messages than are counted')
      if (message.type === messageTypes.continuation) blocks.push(continuationOf(message))
      else if (message.type !== messageTypes.nil) messages.push(message)
    }
  }
  insist(seen === count, 'fewer messages than are counted')
  for (const type of once) insist(messages.filter((message) => message.type === type).length <= 1, 'a message twice')
  return messages
}

function nextMessage(cursor: Cursor): Message {
  const type = cursor.u16()
  const size = cursor.u16()
  const flags = cursor.u8()
  cursor.exactly(0, 0, 0)
  // 1: constant. All others change how a message is read.
  insist(known.includes(type) && flags <= 1 && size % 8 === 0, 'another kind of message')
  return { type, data: cursor.bytes(size) }
}

function continuationOf({ data }: Message): { at: number; size: number } {
  const cursor = new Cursor(data, 0, data.length)
  const block = { at: cursor.u64(), size: cursor.u64() }
  insist(cursor.left === 0 && block.size > 0, 'another kind of continuation')
  return block
}
