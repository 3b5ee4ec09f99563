import type { AttributeValue, DatasetContents } from '../../results/contents.ts'
import { arrayOf, elementBytes, elementCount } from '../element-types.ts'
import { Hdf5Error } from '../hdf5-error.ts'
import { type DatasetInfo, fletcher32Filter, type Hdf5Reader, type Member } from '../reader.ts'
import type { StrictDataset } from './dataset.ts'
import type { StrictGroup } from './group.ts'

/** What of a reader reading a result takes. */
export type ResultReader = Pick<
  Hdf5Reader,
  'members' | 'attributeNames' | 'attribute' | 'attributes' | 'datasetInfo' | 'read'
>

interface StrictContents {
  readonly root: StrictGroup
  /** The one group of the root. */
  readonly name: string
  readonly group: StrictGroup
  readonly datasets: ReadonlyMap<string, StrictDataset>
}

/** A file that was read strictly, to be asked as one that libhdf5 opened. Every method throws Hdf5Error for what is not there. */
export class StrictFile implements ResultReader {
  readonly #root: StrictGroup
  readonly #path: string
  readonly #group: StrictGroup
  readonly #datasets: ReadonlyMap<string, StrictDataset>

  constructor({ root, name, group, datasets }: StrictContents) {
    this.#root = root
    this.#path = `/${name}`
    this.#group = group
    this.#datasets = datasets
  }

  members(groupPath: string): Member[] {
    const kind = this.#groupAt(groupPath) === this.#root ? 'group' : 'dataset'
    return this.#groupAt(groupPath).links.map(({ name }) => ({ name, kind }))
  }

  attributeNames(path: string): string[] {
    return [...this.#groupAt(path).attributes.keys()]
  }

  attribute(path: string, name: string): AttributeValue {
    const value = this.#groupAt(path).attributes.get(name)
    if (value === undefined) throw new Hdf5Error(`${path} has no attribute ${name}`)
    return value
  }

  attributes(path: string): Map<string, AttributeValue> {
    return new Map(this.#groupAt(path).attributes)
  }

  datasetInfo(path: string): DatasetInfo {
    const { elementType, shape, chunks } = this.#datasetAt(path)
    return {
      type: { kind: 'numeric', elementType },
      shape,
      maxShape: shape,
      chunks,
      filters: chunks === null ? [] : [{ id: fletcher32Filter, name: 'fletcher32' }],
      storage: chunks === null ? 'contiguous' : 'chunked',
    }
  }

  read(path: string, limitBytes = Number.POSITIVE_INFINITY): DatasetContents {
    const { elementType, shape, parts } = this.#datasetAt(path)
    const size = elementCount(shape) * elementBytes(elementType)
    if (size > limitBytes) throw new Hdf5Error(`reading ${path}: ${size} bytes are more than ${limitBytes}`)
    return { elementType, shape, data: arrayOf(elementType, joined(parts, size)) }
  }

  #groupAt(path: string): StrictGroup {
    if (path === '/') return this.#root
    if (path === this.#path) return this.#group
    throw new Hdf5Error(`${path} is no group of this file`)
  }

  #datasetAt(path: string): StrictDataset {
    const prefix = `${this.#path}/`
    const dataset = path.startsWith(prefix) ? this.#datasets.get(path.slice(prefix.length)) : undefined
    if (dataset === undefined) throw new Hdf5Error(`${path} is no dataset of this file`)
    return dataset
  }
}

function joined(parts: readonly Uint8Array[], size: number): Uint8Array {
  const [only] = parts
  if (only !== undefined && parts.length === 1) return only
  const bytes = new Uint8Array(size)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}
