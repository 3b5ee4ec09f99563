import type { AttributeValue } from '../../results/contents.ts'
import { maxAttributes } from '../limits.ts'
import { readAttribute } from './attribute.ts'
import type { Cursor } from './cursor.ts'
import { readDenseLinks } from './dense-links.ts'
import type { FileBlocks } from './file-blocks.ts'
import { type HardLink, readLink } from './link.ts'
import { type HeaderMessage, messageTypes, onlyTypes, soleMessage } from './object-header.ts'
import { ours } from './outcome.ts'

export interface StrictGroup {
  /** By name, bytewise. */
  readonly attributes: ReadonlyMap<string, AttributeValue>
  /** By name, bytewise. */
  readonly links: readonly HardLink[]
}

const groupTypes = [
  ...[messageTypes.linkInfo, messageTypes.groupInfo, messageTypes.attributeInfo],
  ...[messageTypes.link, messageTypes.attribute],
]

/** A group from the messages of its object header (format specification 3.0, IV.A.2.c, k, v). */
export function readGroup(file: FileBlocks, messages: readonly HeaderMessage[], what: string): StrictGroup {
  onlyTypes(messages, groupTypes, what)
  soleMessage(messages, messageTypes.groupInfo, what).expect([0, 0], `${what} has settings of its own`)
  const attributeInfos = bodies(messages, messageTypes.attributeInfo)
  const dense = readLinkInfo(soleMessage(messages, messageTypes.linkInfo, what), what)
  const compact = bodies(messages, messageTypes.link).map(readLink)
  ours(dense === undefined || compact.length === 0, `${what} keeps its links in two places`)
  const links = dense === undefined ? compact : readDenseLinks(file, dense, what)
  const attributes = bodies(messages, messageTypes.attribute).map(readAttribute)
  ours(attributes.length <= maxAttributes, `${what} has more than ${maxAttributes} attributes`)
  ours(attributeInfos.length === Math.min(1, attributes.length), `${what} has attributes that it does not tell of`)
  for (const info of attributeInfos) readAttributeInfo(info, what)
  return {
    attributes: new Map(byName(attributes, what).map(({ name, value }) => [name, value])),
    links: byName(links, what),
  }
}

function bodies(messages: readonly HeaderMessage[], wanted: number): Cursor[] {
  return messages.filter(({ type }) => type === wanted).map(({ body }) => body)
}

/** Sorted by name, which is ASCII; NotOurs when two have the same. */
function byName<Named extends { readonly name: string }>(items: readonly Named[], what: string): Named[] {
  const sorted = items.toSorted((one, other) => (one.name < other.name ? -1 : 1))
  for (let index = 1; index < sorted.length; index++) {
    ours(sorted[index - 1]?.name !== sorted[index]?.name, `${what} has the name ${sorted[index]?.name} twice`)
  }
  return sorted
}

/** Attributes stand in the object header itself, and their order of creation is not kept. */
function readAttributeInfo(body: Cursor, what: string): void {
  body.expect([0, 0], `${what} keeps the order of its attributes`)
  ours(body.address() === undefined && body.address() === undefined, `${what} keeps attributes elsewhere`)
  body.finish('an attribute info message')
}

/** Where the links are, when they are not in the object header. */
function readLinkInfo(body: Cursor, what: string): { heapAt: number; indexAt: number } | undefined {
  body.expect([0, 0], `${what} keeps the order of its links`)
  const heapAt = body.address()
  const indexAt = body.address()
  body.finish('a link info message')
  if (heapAt === undefined && indexAt === undefined) return undefined
  ours(heapAt !== undefined && indexAt !== undefined, `${what} has links without an index`)
  return { heapAt, indexAt }
}
