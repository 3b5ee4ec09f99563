import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { elementBytes, elementCount } from '../hdf5/element-types.ts'
import { type Hdf5Writer, openWriter } from '../hdf5/writer.ts'
import { asciiJson } from '../merging/attribute-json.ts'
import { keyFault } from '../sweep/key-pattern.ts'
import { contentSha256 } from './content-digest.ts'
import type { DatasetContents, ResultContents } from './contents.ts'
import { plausible, resultSchemaVersion, resultUnits, rootAttributes, salvageAttributes } from './result-schema.ts'

const largestChunkBytes = 1 << 20

/**
 * A result as the bytes of an HDF5 file, schema 1: group `/<key>` with the datasets (all but scalars chunked, with
 * Fletcher32) and attributes (text as fixed-length ASCII), and the root attributes. The same contents give the same
 * bytes, wherever and whenever. It writes what it is given; whether that is a valid result is validateResult's matter.
 * @throws WindrowError OUTPUT_CORRUPT when a file cannot hold the contents: more than 8 attributes, text that is not
 * ASCII, a key that breaks the rules.
 */
export async function encodeResult(contents: ResultContents): Promise<Uint8Array> {
  const fault = keyFault(contents.key)
  if (fault !== undefined) throw unwritable(contents.key, fault)
  const writer = await openWriter({ kind: 'memory' })
  try {
    writeContents(writer, contents)
    return writer.close()
  } catch (cause) {
    throw unwritable(contents.key, messageOf(cause), cause)
  } finally {
    writer.discard()
  }
}

function writeContents(writer: Hdf5Writer, contents: ResultContents): void {
  const group = `/${contents.key}`
  writer.writeAttribute('/', rootAttributes.schemaVersion, resultSchemaVersion)
  writer.writeAttribute('/', rootAttributes.units, resultUnits)
  writer.writeAttribute('/', rootAttributes.configurationDigest, contents.configurationDigest)
  writer.writeAttribute('/', rootAttributes.contentSha256, contentSha256(contents))
  if (contents.salvaged !== undefined) {
    writer.writeAttribute('/', salvageAttributes.verified, plausible)
    writer.writeAttribute('/', salvageAttributes.source, asciiJson(contents.salvaged))
  }
  writer.createGroup(group)
  for (const [name, value] of Object.entries(contents.attributes)) writer.writeAttribute(group, name, value)
  for (const [name, dataset] of Object.entries(contents.datasets)) {
    const storage = dataset.shape.length === 0 ? {} : { chunks: chunksOf(dataset), fletcher32: true }
    writer.writeDataset(`${group}/${name}`, { ...dataset, ...storage })
  }
}

/** One chunk where it fits into a megabyte, else as many of the first dimension's rows as do. */
function chunksOf({ elementType, shape }: DatasetContents): number[] {
  const [rows = 1, ...rest] = shape.map((length) => Math.max(1, length))
  const rowBytes = elementBytes(elementType) * elementCount(rest)
  return [Math.max(1, Math.min(rows, Math.floor(largestChunkBytes / rowBytes))), ...rest]
}

function unwritable(key: string, reason: string, cause?: unknown): WindrowError {
  return new WindrowError('OUTPUT_CORRUPT', {
    message: `The result of ${key} cannot be written as a result file: ${reason}`,
    cause,
    context: { key },
  })
}
