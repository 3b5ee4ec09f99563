import { WindrowError } from '../errors/windrow-error.ts'
import { type Hdf5Writer, openWriter } from '../hdf5/writer.ts'
import type { ResultContents } from '../results/contents.ts'
import { resultUnits } from '../results/result-schema.ts'
import type { ResultExpectation, Verdict } from '../results/verdict.ts'
import { names } from '../store/names.ts'
import { type Account, accountOf, type ExpectedConfiguration } from './account.ts'
import { type Certificate, certify, encodeCertificate } from './certificate.ts'
import { type AuditLine, type CommitReadingPorts, type DamagedCommit, readCommitOf } from './commit-readings.ts'
import { explainDiskFailure } from './disk-failure.ts'
import { inputDigest, type MergeLayout, type RootAttributes } from './input-digest.ts'
import { type MergedFacts, type MergedFile, mergedSchemas } from './merged-file.ts'
import { fileDigest, OutputFile } from './output-file.ts'
import { readAhead } from './read-ahead.ts'
import { RowSpool } from './row-spool.ts'
import { sealFile } from './seal.ts'
import { type Tolerance, toleranceOf } from './tolerance.ts'
import { verifyMergedDescriptor } from './verify-merged.ts'
import { sealMarker } from './write-index.ts'
import { keyedFile } from './write-keyed.ts'
import { stackedFile } from './write-stacked.ts'

export interface MergeRequest {
  readonly sweep: string
  /** SHA-256 of everything in the specification that changes results. */
  readonly identityDigest: string
  readonly layout: MergeLayout
  /** `5` or `2.5%`. */
  readonly tolerance: string | number
  /** At most 4 (grid_size, random_pct, ...), integers as int64; schema, units, total_configs and successful_configs are added. */
  readonly rootAttributes: RootAttributes
  /** Every configuration the sweep expects, in any order. */
  readonly expected: Iterable<ExpectedConfiguration>
  /** The bytes of a commit, read afresh; undefined when it is not there. */
  readonly readCommit: (row: ExpectedConfiguration) => Promise<Uint8Array | undefined>
  readonly validate: (bytes: Uint8Array, expectation: ResultExpectation) => Promise<Verdict>
  /** What a commit must be; without it only its key is compared. */
  readonly expectationFor?: (row: ExpectedConfiguration) => ResultExpectation
  /** What the audit calls a commit; without it its name in the store. */
  readonly nameOf?: (row: ExpectedConfiguration) => string
  /** Where the merged file goes; a file that is there is replaced as a whole, or not at all. */
  readonly outputPath: string
  readonly audit: (line: AuditLine) => void | Promise<void>
  /** Commits read at a time. */
  readonly readAhead?: number
}

export type MergeOutcome =
  | {
      readonly outcome: 'merged'
      readonly inputDigest: string
      readonly certificate: Certificate
      /** The certificate as it stands in the file, and belongs beside it. */
      readonly certificateText: string
      readonly bytes: number
      readonly sha256: string
      readonly damaged: readonly []
    }
  /** Nothing was published. Close the epochs of these commits, and merge again. */
  | { readonly outcome: 'damaged'; readonly damaged: readonly DamagedCommit[] }

/**
 * Merges every committed result into one file with its certificate, verified by reading it back before it gets its
 * name. The bytes depend on the commits and the account alone. Memory stays flat: one commit after the other.
 * @throws WindrowError MERGE_NOTHING when nothing is committed, MERGE_UNVERIFIED when the file does not read back as it
 * was written, DISK_FULL; and what the ports throw. Whatever it throws, no part of a file is left.
 */
export async function mergeResults(request: MergeRequest): Promise<MergeOutcome> {
  const account = accountOf(request.expected)
  const tolerance = toleranceOf(request.tolerance, account.counts.expected)
  refuseNothing(account, request.sweep)
  try {
    return await mergeInto(new OutputFile(request.outputPath), { request, account, tolerance })
  } catch (error) {
    throw explainDiskFailure(error, request.outputPath)
  }
}

interface Merge {
  readonly request: MergeRequest
  readonly account: Account
  readonly tolerance: Tolerance
}

async function mergeInto(output: OutputFile, merge: Merge): Promise<MergeOutcome> {
  try {
    const written = await writeMerged(output, merge)
    if ('damaged' in written) return { outcome: 'damaged', damaged: written.damaged }
    await verifyWritten(output, written.certificateText)
    const digest = fileDigest(output.fd)
    output.publish()
    return { outcome: 'merged', ...written, ...digest, damaged: [] }
  } finally {
    output.release()
  }
}

type Written = { inputDigest: string; certificate: Certificate; certificateText: string }

async function writeMerged(output: OutputFile, merge: Merge): Promise<Written | { damaged: DamagedCommit[] }> {
  const { request, account, tolerance } = merge
  const writer = await openWriter({ kind: 'descriptor', fd: output.fd })
  const spool = request.layout === 'stacked' ? new RowSpool(`${output.temporaryPath}.rows`) : undefined
  try {
    writeRootAttributes(writer, merge)
    const file = spool ? stackedFile(writer, spool) : keyedFile(writer)
    const { merged, damaged } = await addCommits(file, merge)
    if (damaged.length > 0) return { damaged }
    const { sweep, identityDigest, layout } = request
    const certificate = certify({ sweep, identityDigest, layout, tolerance, account, merged })
    const certificateText = encodeCertificate(certificate)
    file.finish({ rows: account.rows, merged, certificate: certificateText })
    writer.close()
    sealFile(output.fd, sealMarker(certificateText))
    const inputs = { ...request, tolerance: tolerance.declared, rows: account.rows, merged }
    return { inputDigest: inputDigest(inputs), certificate, certificateText }
  } finally {
    writer.discard()
    spool?.close()
  }
}

/** Every commit, by key, into the file. Once one is damaged nothing more is written, but all others are still looked at. */
async function addCommits(
  file: MergedFile,
  { request, account }: Merge,
): Promise<{ merged: Map<string, MergedFacts>; damaged: DamagedCommit[] }> {
  const merged = new Map<string, MergedFacts>()
  const damaged: DamagedCommit[] = []
  const ports = portsOf(request)
  const committed = account.rows.filter(({ state }) => state === 'committed')
  const readings = readAhead(committed, request.readAhead ?? 16, (row) => readCommitOf(row, ports))
  for await (const reading of readings) {
    for (const line of reading.audit) await request.audit(line)
    if (reading.kind === 'damaged') damaged.push(reading.damage)
    if (reading.kind === 'damaged' || damaged.length > 0) continue
    file.add(reading.contents)
    merged.set(reading.row.key, factsOf(reading.contents, reading.contentSha256))
  }
  return { merged, damaged }
}

function portsOf({ sweep, readCommit, validate, expectationFor, nameOf }: MergeRequest): CommitReadingPorts {
  return {
    readCommit,
    validate,
    expectationFor: expectationFor ?? (({ key }) => ({ key })),
    nameOf: nameOf ?? (({ key, epoch }) => names.result(sweep, key, epoch)),
  }
}

function factsOf({ datasets, configurationDigest }: ResultContents, contentSha256: string): MergedFacts {
  const nTurbines = datasets.layout?.shape[1] ?? Number.NaN
  return { contentSha256, configurationDigest, nTurbines, aepGwh: Number(datasets.aep?.data[0]) }
}

function writeRootAttributes(writer: Hdf5Writer, { request, account }: Merge): void {
  const attributes: RootAttributes = {
    ...request.rootAttributes,
    schema: mergedSchemas[request.layout],
    units: resultUnits,
    total_configs: account.counts.expected,
    successful_configs: account.counts.merged,
  }
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name]!
    writer.writeAttribute('/', name, typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value)
  }
}

async function verifyWritten(output: OutputFile, certificateText: string): Promise<void> {
  const { ok, summary, faults, certificateText: found } = await verifyMergedDescriptor(output.fd, output.path)
  if (ok && found === certificateText) return
  throw new WindrowError('MERGE_UNVERIFIED', {
    message: `The merged file does not read back as it was written: ${faults[0]?.detail ?? summary.text}`,
    context: { path: output.path },
  })
}

function refuseNothing({ counts }: Account, sweep: string): void {
  if (counts.merged > 0) return
  throw new WindrowError('MERGE_NOTHING', {
    message: `None of the ${counts.expected} configurations of ${sweep} is committed; there is nothing to merge.`,
    context: { sweep, ...counts },
  })
}
