import { Hdf5Error } from '../hdf5-error.ts'
import { lookup3 } from '../strict-reader/lookup3.ts'
import { messageTypes } from '../strict-reader/object-header.ts'
import type { ByteSink } from './byte-sink.ts'

/** Bytes of a message's own head: kind, length, flags. */
const messageHead = 4
const longestMessage = 0xffff

/** Above these numbers libhdf5 would put attributes or links elsewhere; a header that keeps more says so. */
const compactLimit = 8
const denseLimit = 6

/** Flags of a message: it is never changed in place; it is never shared between objects. */
export const constant = 1
export const unshared = 4

/** Puts a message into a header's messages. */
export function putMessage(sink: ByteSink, kind: number, put: () => void, flags = 0): void {
  const start = sink.length
  sink.u8(kind)
  sink.u16(0)
  sink.u8(flags)
  put()
  const length = sink.length - start - messageHead
  if (length > longestMessage) throw new Hdf5Error(`${length} bytes do not fit into a message of an object header`)
  sink.setU16(start + 1, length)
}

/**
 * An object header of version 2 around messages, filled up to `paddedTo` bytes (265 at most) where that is said. It knows
 * no times: the same object has the same bytes.
 */
export function putObjectHeader(
  sink: ByteSink,
  messages: Uint8Array,
  { attributes = 0, paddedTo }: { attributes?: number; paddedTo?: number } = {},
): void {
  const start = sink.length
  const isLong = attributes > compactLimit
  const fixed = 4 + 2 + (isLong ? 4 : 0) + 4
  const size = paddedTo === undefined ? messages.length : paddedTo - fixed - 1
  const sizeCode = size < 256 ? 0 : size < 65_536 ? 1 : 2
  sink.bytes(Buffer.from('OHDR'))
  sink.u8(2)
  sink.u8(sizeCode | (isLong ? 0x10 : 0))
  if (isLong) {
    sink.u16(attributes)
    sink.u16(denseLimit)
  }
  if (sizeCode === 0) sink.u8(size)
  else if (sizeCode === 1) sink.u16(size)
  else sink.u32(size)
  sink.bytes(messages)
  if (size > messages.length) putNothing(sink, size - messages.length)
  sink.u32(lookup3(sink.written, start, sink.length))
}

/** The second block of an object header, which its continuation message points to. */
export function putContinuationBlock(sink: ByteSink, messages: Uint8Array): void {
  const start = sink.length
  sink.bytes(Buffer.from('OCHK'))
  sink.bytes(messages)
  sink.u32(lookup3(sink.written, start, sink.length))
}

/** What every group begins with: its links and attributes stand in the header itself. */
export function putGroupInfo(sink: ByteSink, links: number): void {
  putMessage(sink, messageTypes.linkInfo, () => {
    sink.u16(0)
    sink.noAddress()
    sink.noAddress()
  })
  putMessage(
    sink,
    messageTypes.groupInfo,
    () => {
      sink.u8(0)
      sink.u8(links > compactLimit ? 1 : 0)
      if (links <= compactLimit) return
      sink.u16(Math.min(links, 0xffff))
      sink.u16(denseLimit)
    },
    constant,
  )
}

/** Messages take up all of a block: what is left over is one that says nothing. */
function putNothing(sink: ByteSink, length: number): void {
  if (length < messageHead) sink.zeros(length)
  else putMessage(sink, messageTypes.nil, () => sink.zeros(length - messageHead))
}
