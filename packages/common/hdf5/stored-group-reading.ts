import type { Hdf5Reader } from './reader.ts'
import type { StoredDataset, StoredGroup, StoredValue } from './stored-object.ts'
import { Uncarriable } from './stored-type.ts'

/** Something in a group that cannot be carried into another file. */
export interface NotCarried {
  /** Below the group: `history`, `sub/deep`, `layout@units` for an attribute. */
  readonly place: string
  readonly why: string
}

export interface ReadGroup {
  readonly group: StoredGroup
  /** Of all values in it. */
  readonly bytes: number
  readonly notCarried: readonly NotCarried[]
}

export interface GroupLimits {
  /** Bytes of one value. */
  readonly largestValueBytes: number
  /** Bytes of all values. */
  readonly largestGroupBytes: number
  /** Groups, datasets and attributes in all. */
  readonly mostObjects: number
  readonly deepest: number
}

export const defaultGroupLimits: GroupLimits = {
  largestValueBytes: 64 * 2 ** 20,
  largestGroupBytes: 256 * 2 ** 20,
  mostObjects: 4096,
  deepest: 16,
}

/** A group that is larger than anything a configuration holds. */
export class GroupTooLarge extends Error {}

/**
 * Reads everything in a group, through libhdf5: groups in it, datasets, attributes, as they are stored. What cannot be
 * carried is told, not dropped. Hdf5Error when something cannot be read, GroupTooLarge when it is beyond the limits.
 */
export function readStoredGroup(reader: Hdf5Reader, path: string, limits = defaultGroupLimits): ReadGroup {
  const reading: Reading = { reader, root: path, limits, notCarried: [], objects: 0, bytes: 0 }
  return { group: readGroup(reading, path, 0), bytes: reading.bytes, notCarried: reading.notCarried }
}

interface Reading {
  readonly reader: Hdf5Reader
  readonly root: string
  readonly limits: GroupLimits
  readonly notCarried: NotCarried[]
  objects: number
  bytes: number
}

function readGroup(reading: Reading, path: string, depth: number): StoredGroup {
  // A group may be linked into itself.
  if (depth > reading.limits.deepest) throw new GroupTooLarge(`${path} is more than ${depth - 1} groups deep`)
  const datasets = new Map<string, StoredDataset>()
  const groups = new Map<string, StoredGroup>()
  for (const { name, kind } of reading.reader.members(path)) {
    count(reading)
    const child = `${path}/${name}`
    if (kind === 'group') groups.set(name, readGroup(reading, child, depth + 1))
    else if (kind === 'other') tell(reading, child, 'a link or a named type')
    else {
      const value = readValue(reading, child)
      if (value) datasets.set(name, { ...value, attributes: readAttributes(reading, child) })
    }
  }
  return { attributes: readAttributes(reading, path), datasets, groups }
}

function readAttributes(reading: Reading, path: string): Map<string, StoredValue> {
  const attributes = new Map<string, StoredValue>()
  for (const name of reading.reader.attributeNames(path)) {
    count(reading)
    const value = readValue(reading, path, name)
    if (value) attributes.set(name, value)
  }
  return attributes
}

function readValue(reading: Reading, path: string, attribute?: string): StoredValue | undefined {
  const { largestValueBytes, largestGroupBytes } = reading.limits
  try {
    const value = reading.reader.storedValue(path, largestValueBytes, attribute)
    reading.bytes += value.data.length
    if (reading.bytes > largestGroupBytes) throw new GroupTooLarge(`it holds more than ${largestGroupBytes} bytes`)
    return value
  } catch (error) {
    if (!(error instanceof Uncarriable)) throw error
    tell(reading, attribute === undefined ? path : `${path}@${attribute}`, error.message)
    return undefined
  }
}

function count(reading: Reading): void {
  if (++reading.objects <= reading.limits.mostObjects) return
  throw new GroupTooLarge(`it holds more than ${reading.limits.mostObjects} objects and attributes`)
}

function tell({ root, notCarried }: Reading, path: string, why: string): void {
  notCarried.push({ place: path.slice(root.length).replace(/^\//, ''), why })
}
