import { createHash, type Hash } from 'node:crypto'
import type { StoredGroup, StoredType, StoredValue } from '../hdf5/stored-object.ts'
import { contentSha256 } from './content-digest.ts'
import { plainContentsOf } from './plain-contents.ts'

/**
 * SHA-256 over what a configuration's group says, in lower-case hexadecimal. Of a group that says no more than a result
 * can it is the result's own contentSha256. Of others it is taken over a longer serialisation, which begins with `windrow
 * content 2` and covers everything: for the group and every group in it its attributes, its datasets with their
 * attributes, and its groups, each by name, with type, shape and bytes as they stand in the file.
 */
export function groupSha256(key: string, group: StoredGroup): string {
  const { contents, left } = plainContentsOf(key, group)
  if (left.length === 0) return contentSha256(contents)
  const digest = createHash('sha256')
  put(digest, 'windrow content 2', key)
  putGroup(digest, group)
  return digest.digest('hex')
}

function putGroup(digest: Hash, { attributes, datasets, groups }: StoredGroup): void {
  putValues(digest, attributes)
  put(digest, datasets.size)
  for (const [name, dataset] of byName(datasets)) {
    putValue(digest, name, dataset)
    putValues(digest, dataset.attributes)
  }
  put(digest, groups.size)
  for (const [name, group] of byName(groups)) {
    put(digest, name)
    putGroup(digest, group)
  }
}

function putValues(digest: Hash, values: ReadonlyMap<string, StoredValue>): void {
  put(digest, values.size)
  for (const [name, value] of byName(values)) putValue(digest, name, value)
}

function putValue(digest: Hash, name: string, { type, shape, data }: StoredValue): void {
  put(digest, name, describe(type), shape === null ? 'nothing' : shape.join(' '), data)
}

function put(digest: Hash, ...fields: (string | number | Uint8Array)[]): void {
  for (const field of fields) {
    const bytes = field instanceof Uint8Array ? field : Buffer.from(String(field))
    const length = Buffer.alloc(8)
    length.writeBigUInt64LE(BigInt(bytes.length))
    digest.update(length).update(bytes)
  }
}

/** A type in words that no two types share. */
function describe(type: StoredType): string {
  if (type.kind === 'integer' || type.kind === 'float') {
    const letter = type.kind === 'float' ? 'f' : type.signed ? 'i' : 'u'
    return `${type.littleEndian ? '<' : '>'}${letter}${type.bytes}`
  }
  if (type.kind === 'text') return `text ${type.bytes} ${type.padding} ${type.utf8 ? 'utf-8' : 'ascii'}`
  if (type.kind === 'variable-text') return `text ${type.padding} ${type.utf8 ? 'utf-8' : 'ascii'}`
  if (type.kind === 'enum') return `enum ${describe(type.base)} ${JSON.stringify(type.members)}`
  const members = type.members.map((member) => [member.name, member.offset, describe(member.type)])
  return `table ${type.bytes} ${JSON.stringify(members)}`
}

function byName<Value>(values: ReadonlyMap<string, Value>): [string, Value][] {
  return [...values].sort(([one], [other]) => Buffer.compare(Buffer.from(one), Buffer.from(other)))
}
