import { WindrowError } from '../errors/windrow-error.ts'
import type { ResultExpectation, Verdict } from '../results/verdict.ts'
import { names } from '../store/names.ts'
import {
  type Account,
  accountOf,
  type ExpectedConfiguration,
  type ExpectedConfigurations,
  positionsIn,
} from './account.ts'
import { type AuditLine, type CommitReadingPorts, type DamagedCommit, readCommitOf } from './commit-readings.ts'
import { explainDiskFailure } from './disk-failure.ts'
import { mergeableResult } from './mergeable.ts'
import { OutputFile } from './output-file.ts'
import { readAhead } from './read-ahead.ts'
import { toleranceOf } from './tolerance.ts'
import { type MergedFileWriting, type MergePlan, type VerifiedMerge, writeMerged } from './write-merged.ts'

export interface MergeRequest extends Omit<MergePlan, 'tolerance' | 'account' | 'files'> {
  /** `5` or `2.5%`. */
  readonly tolerance: string | number
  /** Every configuration the sweep expects, in any order. */
  readonly expected: ExpectedConfigurations
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
  | ({ readonly outcome: 'merged'; readonly damaged: readonly [] } & VerifiedMerge)
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
    return await mergeInto(new OutputFile(request.outputPath), request, { ...request, account, tolerance })
  } catch (error) {
    throw explainDiskFailure(error, request.outputPath)
  }
}

async function mergeInto(output: OutputFile, request: MergeRequest, plan: MergePlan): Promise<MergeOutcome> {
  let file: MergedFileWriting | undefined
  try {
    file = await writeMerged(output, plan)
    const damaged = await addCommits(file, request, plan.account)
    if (damaged.length > 0) return { outcome: 'damaged', damaged }
    const merged = await file.finish()
    output.publish()
    return { outcome: 'merged', ...merged, damaged: [] }
  } finally {
    file?.discard()
    output.release()
  }
}

/** Every commit, by key, into the file. Once one is damaged nothing more is written, but all others are still looked at. */
async function addCommits(file: MergedFileWriting, request: MergeRequest, account: Account): Promise<DamagedCommit[]> {
  const damaged: DamagedCommit[] = []
  const ports = portsOf(request)
  const positions = positionsIn(account, 'merged')
  const readings = readAhead(positions, request.readAhead ?? 16, async (position) => ({
    position,
    reading: await readCommitOf(account.at(position), ports),
  }))
  for await (const { position, reading } of readings) {
    for (const line of reading.audit) await request.audit(line)
    if (reading.kind === 'damaged') damaged.push(reading.damage)
    if (reading.kind === 'damaged' || damaged.length > 0) continue
    file.add(position, mergeableResult(reading.contents, reading.contentSha256))
  }
  return damaged
}

function portsOf({ sweep, readCommit, validate, expectationFor, nameOf }: MergeRequest): CommitReadingPorts {
  return {
    readCommit,
    validate,
    expectationFor: expectationFor ?? (({ key }) => ({ key })),
    nameOf: nameOf ?? (({ key, epoch }) => names.result(sweep, key, epoch)),
  }
}

function refuseNothing({ counts }: Account, sweep: string): void {
  if (counts.merged > 0) return
  throw new WindrowError('MERGE_NOTHING', {
    message: `None of the ${counts.expected} configurations of ${sweep} is committed; there is nothing to merge.`,
    context: { sweep, ...counts },
  })
}
