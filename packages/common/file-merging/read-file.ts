import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { NotCarried } from '../hdf5/stored-group-reading.ts'
import type { StoredGroup } from '../hdf5/stored-object.ts'
import type { MergeLayout } from '../merging/input-digest.ts'
import type { MergedFacts } from '../merging/merged-file.ts'
import { contentSha256 } from '../results/content-digest.ts'
import type { ResultContents } from '../results/contents.ts'
import { groupSha256 } from '../results/group-digest.ts'
import { aepIn, turbinesIn } from '../results/group-facts.ts'
import { plainContentsOf } from '../results/plain-contents.ts'
import { defaultResultLimits, rootAttributes } from '../results/result-schema.ts'
import { storedGroupOf } from '../results/stored-contents.ts'
import type { LayoutEvaluation } from '../results/validate-result.ts'
import type { ResultExpectation, Validator } from '../results/verdict.ts'
import { parseKeyAndEpoch } from '../store/names.ts'
import { keyFault } from '../sweep/key-pattern.ts'
import { judgeRow } from '../wrecks/judge-row.ts'
import { openFile } from '../wrecks/open-file.ts'
import type { WreckRow } from '../wrecks/wreck.ts'
import type { WreckReader } from '../wrecks/wreck-reader.ts'
import type { GroupSpool, SpooledPlace } from './group-spool.ts'

export interface FileReadingPorts {
  readonly validate: Validator['validate']
  /** Asked for groups. */
  readonly wrecks: WreckReader
  readonly evaluation: Pick<LayoutEvaluation, 'infeasibilities'>
  readonly spool: GroupSpool
  readonly layout: MergeLayout
  /** What the specification asks of a configuration; undefined when it has none of this key. Left out: no specification. */
  readonly expectationFor?: ((key: string) => ResultExpectation | undefined) | undefined
}

/** A good configuration of a file. */
export interface FoundConfiguration {
  readonly key: string
  readonly facts: MergedFacts
  /** Its AEP was computed again. */
  readonly isEvaluated: boolean
  /** Whole numbers among its attributes: what it can be told by where there is no specification. */
  readonly numbers: Readonly<Record<string, number>>
  readonly place: SpooledPlace
  readonly notCarried: readonly NotCarried[]
}

export interface BadConfiguration {
  readonly key: string
  readonly cause: string
  readonly detail: string
  /** As of a good one, where they can be read. */
  readonly numbers?: Readonly<Record<string, number>>
}

/** What a file came to. */
export interface FileReading {
  readonly file: string
  readonly bytes: number
  readonly sha256: string
  /** `result`: as Windrow writes them; `hollow`: sound, and no configuration in it; `unknown`: it could not be told. */
  readonly kind: 'result' | 'keyed' | 'columnar' | 'nested' | 'merged' | 'hollow' | 'unknown'
  readonly found: readonly FoundConfiguration[]
  readonly bad: readonly BadConfiguration[]
  /** Nothing of it is taken, for a reason that is no configuration's. */
  readonly refused?: { readonly cause: string; readonly detail: string }
  /** Nothing of it is taken, and nothing is wrong with it. */
  readonly passedOver?: string
}

/** Reads one file of a folder and judges everything in it; what is good goes to the spool. Never throws for what is in a file. */
export async function readFile(directory: string, file: string, ports: FileReadingPorts): Promise<FileReading> {
  const bytes = resultBytesOf(join(directory, file))
  if (bytes !== undefined) return await readResultFile(file, bytes, ports)
  return await readWorkerFile(directory, file, ports)
}

/** The bytes of a file that is a result by its looks: those of damaged ones are still there. */
function resultBytesOf(path: string): Buffer | undefined {
  try {
    const opened = openFile(path)
    try {
      if (opened.size > defaultResultLimits.largestFileBytes) return undefined
      const read = opened.readAt(0, opened.size)
      const bytes = Buffer.from(read.buffer, read.byteOffset, read.length)
      const named = [rootAttributes.schemaVersion, rootAttributes.contentSha256, rootAttributes.configurationDigest]
      return named.every((name) => bytes.includes(name)) ? bytes : undefined
    } finally {
      opened.close()
    }
  } catch (error) {
    // The reader of worker files meets the same, and names it.
    if (error instanceof Error) return undefined
    throw error
  }
}

async function readResultFile(file: string, bytes: Buffer, ports: FileReadingPorts): Promise<FileReading> {
  const facts = { file, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }
  const nothing = { ...facts, kind: 'result' as const, found: [], bad: [] }
  const keyOfName = parseKeyAndEpoch(file)?.key
  const verdict = await judgeResultFile(bytes, keyOfName, ports)
  if (verdict.ok) return { ...facts, kind: 'result', ...judged(toFound(verdict, ports)) }
  const { cause, detail } = verdict
  const key = verdict.key ?? keyOfName
  const isKnown = key !== undefined && (!ports.expectationFor || ports.expectationFor(key) !== undefined)
  if (isKnown || verdict.key !== undefined) return { ...nothing, bad: [{ key: key!, cause, detail }] }
  return { ...nothing, refused: { cause, detail } }
}

type ResultVerdict =
  | { readonly ok: true; readonly contents: ResultContents; readonly contentSha256: string }
  | { readonly ok: false; readonly key?: string; readonly cause: string; readonly detail: string }

/** Validates against the specification at once where the file's name tells the key, else when the file has told it. */
async function judgeResultFile(
  bytes: Uint8Array,
  keyOfName: string | undefined,
  { validate, expectationFor }: FileReadingPorts,
): Promise<ResultVerdict> {
  const named = keyOfName === undefined ? undefined : expectationFor?.(keyOfName)
  if (named) {
    const verdict = await validate(bytes, { key: keyOfName!, ...named, mayBeSalvaged: true })
    if (verdict.ok) return verdict
    if (verdict.reason !== 'wrong-key') return { ok: false, cause: verdict.reason, detail: verdict.detail }
  }
  const verdict = await validate(bytes, {})
  if (!verdict.ok) return { ok: false, cause: verdict.reason, detail: verdict.detail }
  if (!expectationFor) return verdict
  const { key } = verdict.contents
  const expectation = expectationFor(key)
  if (!expectation) return { ok: false, key, ...strangerTo(key) }
  const expected = await validate(bytes, { key, ...expectation, mayBeSalvaged: true })
  return expected.ok ? expected : { ok: false, key, cause: expected.reason, detail: expected.detail }
}

function strangerTo(key: string): { cause: string; detail: string } {
  return { cause: 'not_in_specification', detail: `The specification has no configuration ${key}.` }
}

type Judged = FoundConfiguration | BadConfiguration

function judged(...all: Judged[]): Pick<FileReading, 'found' | 'bad'> {
  return {
    found: all.filter((one): one is FoundConfiguration => 'facts' in one),
    bad: all.filter((one): one is BadConfiguration => !('facts' in one)),
  }
}

function toFound(
  { contents, contentSha256: digest }: { contents: ResultContents; contentSha256: string },
  { spool, expectationFor }: FileReadingPorts,
): FoundConfiguration {
  const { key, configurationDigest, attributes, datasets } = contents
  return {
    key,
    facts: {
      contentSha256: digest,
      configurationDigest,
      nTurbines: datasets.layout?.shape[1] ?? Number.NaN,
      aepGwh: Number(datasets.aep?.data[0]),
      salvaged: contents.salvaged !== undefined,
    },
    numbers: wholeNumbers(attributes),
    isEvaluated: expectationFor?.(key)?.problem !== undefined,
    place: spool.append(storedGroupOf(contents)),
    notCarried: [],
  }
}

function wholeNumbers(attributes: ResultContents['attributes']): Record<string, number> {
  const whole = Object.entries(attributes).filter(([, value]) => typeof value === 'bigint')
  return Object.fromEntries(whole.map(([name, value]) => [name, Number(value)]))
}

async function readWorkerFile(directory: string, file: string, ports: FileReadingPorts): Promise<FileReading> {
  const rows: Judged[] = []
  const read = await ports.wrecks.read(join(directory, file), (some) => {
    for (const row of some) rows.push(judgeGroup(row, ports))
  })
  const { bytes, sha256, fault, style } = read
  const facts = { file, bytes, sha256, found: [], bad: [] }
  if (fault) return { ...facts, kind: style ?? 'unknown', refused: { cause: fault.cause, detail: fault.detail } }
  if (String(read.rootAttributes.schema ?? '').startsWith('windrow-')) {
    return { ...facts, kind: 'merged', passedOver: 'a merged file of Windrow; its results are merged, not itself' }
  }
  if (style === undefined) return { ...facts, kind: 'hollow', passedOver: 'hollow: sound, and no configuration in it' }
  if (style !== 'keyed') {
    const detail = `Its configurations are rows of a ${style} file; only groups are merged. windrow salvage takes them in.`
    return { ...facts, kind: style, refused: { cause: 'other_style', detail } }
  }
  return { ...facts, kind: 'keyed', ...judged(...rows) }
}

function judgeGroup(row: WreckRow, ports: FileReadingPorts): Judged {
  const { key, group: read } = row
  const { expectationFor } = ports
  const expectation = expectationFor?.(key)
  if (expectationFor && !expectation) return { key, ...strangerTo(key) }
  const fault = judgeRow(row, expectation ?? {}, ports.evaluation)
  if (fault) return { key, ...fault, numbers: wholeNumbers(row.attributes) }
  const misnamed = keyFault(key)
  if (misnamed !== undefined) return { key, cause: 'key_invalid', detail: `${misnamed}.` }
  if (!read) return { key, cause: 'unreadable', detail: 'Its group was not read.' }
  return toFoundGroup(key, read, ports)
}

function toFoundGroup(
  key: string,
  { group, notCarried }: { group: StoredGroup; notCarried: readonly NotCarried[] },
  { spool, layout }: FileReadingPorts,
): Judged {
  const { contents, left } = plainContentsOf(key, group)
  const isStacked = layout === 'stacked'
  const unfit = isStacked ? unfitForRow(contents) : undefined
  if (unfit !== undefined) return { key, cause: 'wrong_type', detail: unfit }
  return {
    key,
    facts: {
      contentSha256: isStacked ? contentSha256(contents) : groupSha256(key, group),
      configurationDigest: '',
      nTurbines: turbinesIn(group),
      aepGwh: aepIn(group),
      salvaged: true,
    },
    numbers: wholeNumbers(contents.attributes),
    isEvaluated: false,
    place: spool.append(group),
    notCarried: isStacked ? [...notCarried, ...left] : notCarried,
  }
}

/** Columns of a stacked file are of one type each. */
function unfitForRow({ datasets: { layout, aep } }: ResultContents): string | undefined {
  if (layout?.elementType !== '<f8') return 'A stacked file takes layouts that are little-endian float64.'
  if (aep?.elementType === '<f8' && aep.shape.length === 0) return undefined
  return 'A stacked file takes an aep that is a dataset of one little-endian float64.'
}
