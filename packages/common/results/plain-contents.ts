import { textOf } from '../hdf5/compound-rows.ts'
import { arrayOf } from '../hdf5/element-types.ts'
import type { NotCarried } from '../hdf5/stored-group-reading.ts'
import type { StoredDataset, StoredGroup, StoredType, StoredValue } from '../hdf5/stored-object.ts'
import {
  type AttributeValue,
  type DatasetContents,
  type ElementType,
  elementTypes,
  type ResultContents,
} from './contents.ts'

export interface PlainContents {
  readonly contents: ResultContents
  /** What is in the group, and is more than a result can say. */
  readonly left: readonly NotCarried[]
}

/**
 * A group as a result says it: datasets of the eight numeric types, attributes that are one text, integer or float. What
 * is more than that (groups, attributes of datasets, other types and shapes) is left, and told.
 */
export function plainContentsOf(key: string, group: StoredGroup): PlainContents {
  const left: NotCarried[] = []
  const attributes: Record<string, AttributeValue> = {}
  for (const [name, value] of group.attributes) {
    const plain = plainAttribute(value)
    if (plain === undefined) left.push({ place: `@${name}`, why: 'an attribute that is not one text or number' })
    else attributes[name] = plain
  }
  const datasets: Record<string, DatasetContents> = {}
  for (const [name, dataset] of group.datasets) {
    const plain = plainDataset(dataset)
    if (plain) datasets[name] = plain
    else left.push({ place: name, why: 'a dataset of another type than those of a result' })
    for (const attribute of dataset.attributes.keys()) {
      left.push({ place: `${name}@${attribute}`, why: 'an attribute of a dataset' })
    }
  }
  for (const name of group.groups.keys()) left.push({ place: name, why: 'a group' })
  return { contents: { key, attributes, datasets, configurationDigest: '' }, left }
}

function plainAttribute({ type, shape, data }: StoredValue): AttributeValue | undefined {
  if (shape === null || shape.length > 0) return undefined
  if (type.kind === 'variable-text') return textOf(data.subarray(4))
  if (type.kind === 'text') return textOf(data)
  const elementType = plainType(type)
  if (elementType === undefined) return undefined
  const [value] = arrayOf(elementType, data)
  return type.kind === 'float' ? Number(value) : BigInt(value ?? 0)
}

function plainDataset({ type, shape, data }: StoredDataset): DatasetContents | undefined {
  const elementType = plainType(type)
  if (elementType === undefined || shape === null) return undefined
  return { elementType, shape, data: arrayOf(elementType, data) }
}

function plainType(type: StoredType): ElementType | undefined {
  if (type.kind !== 'integer' && type.kind !== 'float') return undefined
  if (!type.littleEndian && type.bytes > 1) return undefined
  const letter = type.kind === 'float' ? 'f' : type.signed ? 'i' : 'u'
  const name = `${type.bytes === 1 ? '|' : '<'}${letter}${type.bytes}`
  return elementTypes.find((elementType) => elementType === name)
}
