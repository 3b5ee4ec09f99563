import { elementCount } from '../element-types.ts'
import type { GroupLimits } from '../stored-group-reading.ts'
import {
  elementBytesOf,
  type StoredDataset,
  type StoredGroup,
  type StoredType,
  type StoredValue,
} from '../stored-object.ts'
import { Cursor } from '../strict-reader/cursor.ts'
import { type HeaderMessage, messageTypes } from '../strict-reader/object-header.ts'
import { ours } from '../strict-reader/outcome.ts'
import { readStorage } from './dataset-storage.ts'
import {
  DatatypeDecoder,
  decodeAttribute,
  decodeDataspace,
  decodeLink,
  expectAttributeInfo,
  expectLinkInfo,
} from './decode-messages.ts'
import { FileWindows } from './file-windows.ts'
import { bodiesOf, only, readContinuation, readHeader } from './filled-objects.ts'
import { HeapTexts } from './heap-texts.ts'

const { linkInfo, groupInfo, link, attribute, attributeInfo, continuation, dataspace, datatype } = messageTypes
const groupTypes: readonly number[] = [linkInfo, groupInfo, link, attribute, attributeInfo]
const datasetTypes: readonly number[] = [
  ...[dataspace, datatype, messageTypes.fillValue, messageTypes.layout, messageTypes.filters],
  ...[attribute, attributeInfo],
]
const textReferenceBytes = 16

/**
 * Reads groups exactly as GroupFiller fills them, without libhdf5 and ten times as fast: every checksum is verified, every
 * length held against the file and the limits. Anything else in them, down to a message, is NotOurs or Damage, and libhdf5
 * decides what it is.
 */
export class FilledGroupReader {
  readonly #file: FileWindows
  readonly #texts: HeapTexts
  readonly #datatypes = new DatatypeDecoder()
  readonly #limits: GroupLimits
  #objects = 0
  #bytes = 0

  constructor({ fd, size }: { readonly fd: number; readonly size: number }, limits: GroupLimits) {
    this.#file = new FileWindows(fd, size)
    this.#texts = new HeapTexts(this.#file)
    this.#limits = limits
  }

  /** The group whose header stands at `address`, with everything in it. */
  read(address: number): StoredGroup {
    this.#objects = 0
    this.#bytes = 0
    return this.#group(readHeader(this.#file, address), 0)
  }

  #group(header: readonly HeaderMessage[], depth: number): StoredGroup {
    ours(depth <= this.#limits.deepest, 'groups are nested deeper than any of ours')
    const continued = bodiesOf(header, continuation).flatMap((body) => readContinuation(this.#file, body))
    const messages = [...header.filter(({ type }) => type !== continuation), ...continued]
    for (const { type } of messages) ours(groupTypes.includes(type), `a group has a message of type ${type}`)
    expectLinkInfo(only(messages, linkInfo))
    only(messages, groupInfo).expect([0], 'a group is of another version')
    const datasets = new Map<string, StoredDataset>()
    const groups = new Map<string, StoredGroup>()
    const links = bodiesOf(messages, link).map(decodeLink)
    inOrder(links.map(({ name }) => name))
    for (const { name, address } of links) {
      this.#count()
      const below = readHeader(this.#file, address)
      if (below[0]?.type === linkInfo) groups.set(name, this.#group(below, depth + 1))
      else datasets.set(name, this.#dataset(below))
    }
    return { attributes: this.#attributes(messages), datasets, groups }
  }

  #dataset(messages: readonly HeaderMessage[]): StoredDataset {
    for (const { type } of messages) ours(datasetTypes.includes(type), `a dataset has a message of type ${type}`)
    const shape = decodeDataspace(only(messages, dataspace))
    const type = this.#datatypes.decode(only(messages, datatype))
    const elementBytes = elementBytesOf(type) ?? textReferenceBytes
    const stored = (shape === null ? 0 : elementCount(shape)) * elementBytes
    this.#hold(stored)
    const data = readStorage(this.#file, messages, { shape, bytes: stored })
    return { type, shape, data: this.#elements(type, data), attributes: this.#attributes(messages) }
  }

  #attributes(messages: readonly HeaderMessage[]): Map<string, StoredValue> {
    const infos = bodiesOf(messages, attributeInfo)
    const parts = bodiesOf(messages, attribute).map(decodeAttribute)
    ours(infos.length === Math.min(1, parts.length), 'an object has attributes that it does not tell of')
    for (const info of infos) expectAttributeInfo(info)
    inOrder(parts.map(({ name }) => name))
    return new Map(
      parts.map(({ name, datatype: body, shape, data }) => {
        this.#count()
        const type = this.#datatypes.decode(body)
        const expected = (shape === null ? 0 : elementCount(shape)) * (elementBytesOf(type) ?? textReferenceBytes)
        ours(data.remaining === expected, `attribute ${name} has another length`)
        const bytes = data.bytes.subarray(data.at, data.end)
        return [name, { type, shape, data: this.#elements(type, bytes) }] as const
      }),
    )
  }

  /** The elements themselves; of variable-length text what the references lead to, each with its length before it. */
  #elements(type: StoredType, bytes: Uint8Array): Uint8Array {
    if (type.kind !== 'variable-text') return bytes
    const parts: Uint8Array[] = []
    const cursor = new Cursor(bytes, 0, bytes.length)
    while (cursor.remaining > 0) {
      const length = cursor.u32()
      const address = cursor.u64()
      const index = cursor.u32()
      this.#hold(length)
      const part = new Uint8Array(4 + length)
      new DataView(part.buffer).setUint32(0, length, true)
      if (length > 0) part.set(this.#texts.text(address, index, length), 4)
      parts.push(part)
    }
    const [first] = parts
    return parts.length === 1 ? first! : new Uint8Array(Buffer.concat(parts))
  }

  #count(): void {
    ours(++this.#objects <= this.#limits.mostObjects, 'a group holds more objects than any of ours')
  }

  #hold(bytes: number): void {
    this.#bytes += bytes
    const { largestValueBytes, largestGroupBytes } = this.#limits
    ours(bytes <= largestValueBytes && this.#bytes <= largestGroupBytes, 'a group holds more than any of ours')
  }
}

/** Names are written in their bytewise order, none twice. */
function inOrder(names: readonly string[]): void {
  for (let at = 1; at < names.length; at++) {
    ours(Buffer.compare(Buffer.from(names[at - 1]!), Buffer.from(names[at]!)) < 0, 'names are not in their order')
  }
}
