import { createHash, type Hash } from 'node:crypto'
import { bytesOf } from '../hdf5/element-types.ts'
import type { AttributeValue, ResultContents } from './contents.ts'

/**
 * SHA-256 over what a result says, however HDF5 stores it, in lower-case hexadecimal.
 *
 * It covers the key, every attribute and every dataset of the configuration's group, and nothing else: whoever has the
 * group, in a result or in a merged file, can compute it. The configuration digest is not inside: a merged file, or a
 * result made by hand, would have to carry it beside the group; it stands in the result's root attributes, and the
 * validation compares it on its own.
 *
 * The serialisation is a sequence of fields, each preceded by its length in bytes (unsigned, 64 bits, little-endian), so
 * no two contents share one: `windrow content 1`, key, number of attributes, number of datasets; then name, kind and
 * value of each attribute (`text` as UTF-8, `integer` in decimal, `float` as 8 bytes), and name, dtype, number of
 * dimensions, their lengths and the data of each dataset (row-major). Numbers are little-endian, counts and lengths in
 * decimal, names sorted by their UTF-8 bytes. `docs/files.md` gives it as 15 lines of h5py.
 */
export function contentSha256(contents: ResultContents): string {
  const digest = createHash('sha256')
  const attributes = Object.entries(contents.attributes).sort(byName)
  const datasets = Object.entries(contents.datasets).sort(byName)
  putText(digest, 'windrow content 1', contents.key, attributes.length, datasets.length)
  for (const [name, value] of attributes) {
    putText(digest, name, kindOf(value))
    put(digest, valueBytes(value))
  }
  for (const [name, { elementType, shape, data }] of datasets) {
    putText(digest, name, elementType, shape.length, ...shape)
    put(digest, bytesOf(elementType, data))
  }
  return digest.digest('hex')
}

function putText(digest: Hash, ...fields: (string | number)[]): void {
  for (const field of fields) put(digest, Buffer.from(String(field)))
}

function put(digest: Hash, bytes: Uint8Array): void {
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(bytes.length))
  digest.update(length).update(bytes)
}

function byName([one]: [string, unknown], [other]: [string, unknown]): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}

function kindOf(value: AttributeValue): string {
  return typeof value === 'string' ? 'text' : typeof value === 'bigint' ? 'integer' : 'float'
}

function valueBytes(value: AttributeValue): Uint8Array {
  if (typeof value !== 'number') return Buffer.from(String(value))
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleLE(value)
  return bytes
}
