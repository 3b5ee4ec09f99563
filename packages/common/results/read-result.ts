import { messageOf } from '../errors/windrow-error.ts'
import { elementBytes, elementCount } from '../hdf5/element-types.ts'
import { Hdf5Error } from '../hdf5/hdf5-error.ts'
import { maxAttributes } from '../hdf5/limits.ts'
import { type DatasetInfo, fletcher32Filter, type Hdf5Reader, type Member, openReader } from '../hdf5/reader.ts'
import { readStrictly } from '../hdf5/strict-reader/read-strictly.ts'
import type { ResultReader } from '../hdf5/strict-reader/strict-file.ts'
import { readSuperblock } from '../hdf5/superblock.ts'
import type { AttributeValue, DatasetContents, ResultContents, SalvageSource } from './contents.ts'
import { demand, Refusal } from './refusal.ts'
import {
  defaultResultLimits,
  mostDatasets,
  plausible,
  type ResultLimits,
  requiredDatasets,
  resultSchemaVersion,
  resultUnits,
  rootAttributes,
  salvageAttributes,
  salvageSourceSchema,
  smallestFileBytes,
} from './result-schema.ts'

export interface ReadResult {
  readonly contents: ResultContents
  /** The digest the file claims; not compared yet. */
  readonly claimedSha256: string
}

const shuffleFilter = 2

/**
 * Reads a result file, schema 1, whose structure it checks on the way: size, signature, end of file, objects, types,
 * lengths. Neither values nor digests are looked at: that is validateResult's. Files as Windrow writes them are read
 * strictly; libhdf5 reads all others, after `onForeign`.
 * @throws Refusal with the reason of the first check that failed.
 */
export async function readResult(
  bytes: Uint8Array,
  limits: ResultLimits = defaultResultLimits,
  onForeign?: () => Promise<void>,
): Promise<ReadResult> {
  const own = readOwnResult(bytes, limits)
  if (own) return own
  await onForeign?.()
  return await readWithLibhdf5(bytes, limits)
}

/**
 * The same without libhdf5, at once and in time and memory bounded by the size of the file: for bytes as encodeResult
 * makes them. undefined when only libhdf5 can say what they are.
 * @throws Refusal with the reason of the first check that failed.
 */
export function readOwnResult(bytes: Uint8Array, limits: ResultLimits = defaultResultLimits): ReadResult | undefined {
  checkFrame(bytes, limits)
  const reading = readStrictly(bytes)
  if (reading.kind === 'not-ours') return undefined
  if (reading.kind === 'damaged') throw new Refusal('unreadable', reading.detail)
  return readContents(reading.file, limits)
}

/**
 * The same by libhdf5 alone, whatever wrote the file. A hostile file may make it loop for ever, or grow: only a thread with a
 * time limit may call it with bytes from outside.
 * @throws Refusal with the reason of the first check that failed.
 */
export async function readWithLibhdf5(
  bytes: Uint8Array,
  limits: ResultLimits = defaultResultLimits,
): Promise<ReadResult> {
  checkFrame(bytes, limits)
  let reader: Hdf5Reader | undefined
  try {
    reader = await openReader({ kind: 'memory', bytes })
    return readContents(reader, limits)
  } catch (error) {
    if (!(error instanceof Hdf5Error)) throw error
    throw new Refusal(error.crashed ? 'reader-crashed' : 'unreadable', messageOf(error), error)
  } finally {
    reader?.close()
  }
}

function checkFrame(bytes: Uint8Array, { largestFileBytes }: ResultLimits): void {
  const size = bytes.length
  demand(size > 0, 'empty', 'The file has 0 bytes.')
  demand(
    size >= smallestFileBytes,
    'too-small',
    `The file has ${size} bytes; a result has at least ${smallestFileBytes}.`,
  )
  demand(size <= largestFileBytes, 'too-large', `The file has ${size} bytes; at most ${largestFileBytes} are read.`)
  const superblock = readSuperblock((offset, length) => bytes.subarray(offset, offset + length), size)
  demand(superblock !== 'no-signature', 'not-hdf5', 'The file does not have the signature of HDF5.')
  demand(superblock !== 'unknown', 'unreadable', 'The superblock of the file is of no version that exists.')
  const { endOfFile } = superblock
  const expected = endOfFile > Number.MAX_SAFE_INTEGER ? 'it was never closed' : `its superblock says ${endOfFile}`
  demand(endOfFile <= size, 'truncated', `The file has ${size} bytes; ${expected}.`)
}

function readContents(reader: ResultReader, limits: ResultLimits): ReadResult {
  const key = soleGroup(reader)
  const root = readRoot(reader)
  const names = datasetNames(reader, key)
  const infos = names.map((name) => [name, reader.datasetInfo(`/${key}/${name}`)] as const)
  for (const [name, info] of infos) checkDataset(name, info, limits)
  checkLayout(Object.fromEntries(infos))
  const attributes = readAttributes(reader, `/${key}`)
  const read = (name: string) => reader.read(`/${key}/${name}`, limits.largestDatasetBytes)
  const datasets = Object.fromEntries(names.map((name) => [name, read(name)]))
  checkAgreement(attributes, datasets)
  const { claimedSha256, ...origin } = root
  return { contents: { key, attributes, datasets, ...origin }, claimedSha256 }
}

/** The group of the one configuration that a result holds. */
function soleGroup(reader: ResultReader): string {
  const members = reader.members('/')
  const groups = members.filter(({ kind }) => kind === 'group').map(({ name }) => name)
  const [key] = groups
  demand(key !== undefined, 'missing-object', 'The file holds no group, so no configuration.')
  const names = members.map(({ name }) => name).slice(0, 5)
  demand(
    members.length === 1,
    'wrong-shape',
    `The file holds ${members.length} objects where one configuration is expected: ${names.join(', ')}.`,
  )
  return key
}

type Root = Pick<ResultContents, 'configurationDigest' | 'salvaged'> & { readonly claimedSha256: string }

function readRoot(reader: ResultReader): Root {
  const present = reader.attributeNames('/')
  for (const name of Object.values(rootAttributes)) {
    demand(present.includes(name), 'missing-object', `The file has no attribute ${name}.`)
  }
  const version = reader.attribute('/', rootAttributes.schemaVersion)
  demand(version === resultSchemaVersion, 'wrong-type', `${rootAttributes.schemaVersion} is ${version}, not 1.`)
  const units = reader.attribute('/', rootAttributes.units)
  demand(units === resultUnits, 'wrong-type', `${rootAttributes.units} is "${units}", not "${resultUnits}".`)
  return {
    configurationDigest: textAttribute(reader, rootAttributes.configurationDigest),
    claimedSha256: textAttribute(reader, rootAttributes.contentSha256),
    ...(present.includes(salvageAttributes.source) && { salvaged: readSalvageSource(reader, present) }),
  }
}

function readSalvageSource(reader: ResultReader, present: readonly string[]): SalvageSource {
  const isSaid = present.includes(salvageAttributes.verified)
  demand(isSaid, 'missing-object', `The file has no attribute ${salvageAttributes.verified}.`)
  const verified = textAttribute(reader, salvageAttributes.verified)
  demand(verified === plausible, 'wrong-type', `${salvageAttributes.verified} is "${verified}", not "${plausible}".`)
  try {
    return salvageSourceSchema.parse(JSON.parse(textAttribute(reader, salvageAttributes.source)))
  } catch (error) {
    if (error instanceof Refusal || error instanceof Hdf5Error) throw error
    throw new Refusal('wrong-type', `Attribute ${salvageAttributes.source} is no source of a salvage.`, error)
  }
}

function textAttribute(reader: ResultReader, name: string): string {
  const value = reader.attribute('/', name)
  demand(typeof value === 'string', 'wrong-type', `Attribute ${name} is not text.`)
  return value
}

function datasetNames(reader: ResultReader, key: string): string[] {
  const members = reader.members(`/${key}`)
  for (const { name, kind } of members) {
    demand(kind === 'dataset', 'wrong-type', `${name} of ${key} is not a dataset of this file, but a ${nounOf(kind)}.`)
  }
  demand(
    members.length <= mostDatasets,
    'too-large',
    `${key} has ${members.length} datasets; at most ${mostDatasets} are read.`,
  )
  const names = members.map(({ name }) => name)
  for (const name of Object.values(requiredDatasets)) {
    demand(names.includes(name), 'missing-object', `${key} has no dataset ${name}.`)
  }
  return names
}

function nounOf(kind: Member['kind']): string {
  return kind === 'group' ? 'group' : 'link or named type'
}

function checkDataset(name: string, info: DatasetInfo, { largestDatasetBytes }: ResultLimits): void {
  const { type, shape, chunks, filters, storage } = info
  demand(type.kind === 'numeric', 'wrong-type', `${name} is not a dataset of little-endian numbers of 1, 4 or 8 bytes.`)
  demand(storage !== 'virtual', 'wrong-type', `${name} is a virtual dataset over other files.`)
  const filter = filters.find(({ id }) => id !== fletcher32Filter && id !== shuffleFilter)
  // What a compressed chunk grows to is not known before it has grown.
  demand(filter === undefined, 'wrong-type', `${name} uses the filter ${filter?.name}; results are not compressed.`)
  const bytes = Math.max(elementCount(shape), elementCount(chunks ?? [])) * elementBytes(type.elementType)
  demand(
    bytes <= largestDatasetBytes,
    'too-large',
    `${name} (${shape.join(', ')}) takes ${bytes} bytes; at most ${largestDatasetBytes} are read.`,
  )
}

function checkLayout({ layout, aep }: Record<string, DatasetInfo>): void {
  for (const [name, info] of [
    ['layout', layout],
    ['aep', aep],
  ] as const) {
    const numeric = info?.type.kind === 'numeric' ? info.type.elementType : 'something else'
    demand(numeric === '<f8', 'wrong-type', `${name} is ${numeric}, not float64.`)
  }
  const shape = layout?.shape ?? []
  const fits = shape.length === 2 && shape[0] === 2 && (shape[1] ?? 0) > 0
  demand(fits, 'wrong-shape', `layout has the shape (${shape.join(', ')}), not (2, N).`)
  demand(aep?.shape.length === 0, 'wrong-shape', `aep has the shape (${aep?.shape.join(', ')}); it is a scalar.`)
}

function readAttributes(reader: ResultReader, group: string): Record<string, AttributeValue> {
  const { length } = reader.attributeNames(group)
  demand(
    length <= maxAttributes,
    'wrong-shape',
    `${group} has ${length} attributes; at most ${maxAttributes} are kept, put the rest into one as JSON.`,
  )
  try {
    return Object.fromEntries(reader.attributes(group))
  } catch (error) {
    if (error instanceof Hdf5Error && /is no scalar/.test(error.message)) throw new Refusal('wrong-type', error.message)
    throw error
  }
}

function checkAgreement(
  attributes: Readonly<Record<string, AttributeValue>>,
  { layout }: Readonly<Record<string, DatasetContents>>,
): void {
  const { n_turbines: claimed } = attributes
  const count = layout?.shape[1]
  demand(
    claimed === undefined || Number(claimed) === count,
    'wrong-shape',
    `The attribute n_turbines is ${claimed}, but layout has ${count} turbines.`,
  )
}
