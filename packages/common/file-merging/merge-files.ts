import { setImmediate as nextTurn } from 'node:timers/promises'
import { WindrowError } from '../errors/windrow-error.ts'
import {
  type Account,
  accountOf,
  type ExpectedConfiguration,
  type ExpectedConfigurations,
  positionsIn,
} from '../merging/account.ts'
import type { CertifiedFiles } from '../merging/certificate.ts'
import { explainDiskFailure } from '../merging/disk-failure.ts'
import type { MergeLayout, RootAttributes } from '../merging/input-digest.ts'
import type { Mergeable } from '../merging/mergeable.ts'
import { OutputFile } from '../merging/output-file.ts'
import { toleranceOf } from '../merging/tolerance.ts'
import { type VerifiedMerge, writeMerged } from '../merging/write-merged.ts'
import { plainContentsOf } from '../results/plain-contents.ts'
import type { ResultExpectation } from '../results/verdict.ts'
import type { Plan } from '../sweep/plan.ts'
import { type FolderReport, type GatherPorts, gather } from './gather.ts'
import type { Gathered } from './gathered.ts'
import { GroupSpool } from './group-spool.ts'
import { listFiles } from './list-files.ts'

/** What the configurations of a folder are held against, and counted against. */
export interface FolderSpecification {
  readonly plan: Plan
  readonly identityDigest: string
  readonly rootAttributes: RootAttributes
  readonly expectationFor: (key: string) => ResultExpectation | undefined
}

export interface FileMergeRequest {
  readonly directory: string
  readonly specification?: FolderSpecification | undefined
  readonly layout: MergeLayout
  /** `5` or `2.5%`. */
  readonly tolerance: string | number
  /** What damage and conflicts do: they are left out and named, or nothing is merged at all. */
  readonly onCorrupt: 'skip' | 'fail'
  /** Where the file goes; `partialPath`, when it is short of more than the tolerance allows. */
  readonly outputPath: string
  readonly partialPath: string
}

export interface FileMergePorts extends Pick<GatherPorts, 'validate' | 'wrecks' | 'evaluation' | 'onRead'> {
  readonly onMerged: (merged: number, of: number) => void
  /** Called when the file is whole and verified, before it gets its name. */
  readonly beforePublishing: (merge: VerifiedMerge, path: string) => void | Promise<void>
  readonly signal: AbortSignal
}

export type FileMergeOutcome = { readonly report: FolderReport } & (
  | { readonly kind: 'merged'; readonly path: string; readonly merge: VerifiedMerge }
  /** There is damage, and `onCorrupt` is `fail`. */
  | { readonly kind: 'refused' }
  | { readonly kind: 'nothing' }
)

const writtenATurn = 256

/** The name in a certificate where no specification gives one. */
const namelessSweep = 'files'

/**
 * Merges the files of a folder: results, and worker files with a group a configuration. All of them are checked before any is
 * merged; whatever is not merged is named in the report, and in the certificate. The folder is only read.
 * @throws WindrowError FILE_UNREADABLE when the folder cannot be listed, MERGE_NOTHING when it has no file, MERGE_UNVERIFIED,
 * DISK_FULL; and what the ports throw, or the signal. Whatever it throws, no part of a file is left.
 */
export async function mergeFiles(request: FileMergeRequest, ports: FileMergePorts): Promise<FileMergeOutcome> {
  const listed = await listFiles(request.directory)
  refuseEmptyFolder(request.directory, listed.files.length)
  try {
    const output = new OutputFile(request.outputPath)
    try {
      return await mergeInto(output, { ...request, ...listed }, ports)
    } finally {
      output.release()
    }
  } catch (error) {
    throw explainDiskFailure(error, request.outputPath)
  }
}

type ListedRequest = FileMergeRequest & Awaited<ReturnType<typeof listFiles>>

async function mergeInto(output: OutputFile, request: ListedRequest, ports: FileMergePorts): Promise<FileMergeOutcome> {
  const spool = new GroupSpool(`${output.temporaryPath}.groups`)
  try {
    const { specification, layout } = request
    const expectationFor = specification?.expectationFor
    const { gathered, report } = await gather(request, { ...ports, spool, layout, expectationFor }, ports.signal)
    const isDamaged = report.refused.length + report.bad.length + report.conflicts.length > 0
    if (isDamaged && request.onCorrupt === 'fail') return { kind: 'refused', report }
    const account = accountOf(expectedOf(gathered, specification))
    if (account.counts.merged === 0) return { kind: 'nothing', report }
    const files = certifiedFiles(report, specification !== undefined)
    const merge = await writeAll(output, { request, account, files, gathered, spool }, ports)
    const path = merge.certificate.complete ? request.outputPath : request.partialPath
    await ports.beforePublishing(merge, path)
    output.publish(path)
    return { kind: 'merged', path, merge, report }
  } finally {
    spool.close()
  }
}

interface Writing {
  readonly request: FileMergeRequest
  readonly account: Account
  readonly files: CertifiedFiles
  readonly gathered: Gathered
  readonly spool: GroupSpool
}

async function writeAll(
  output: OutputFile,
  { request, account, files, gathered, spool }: Writing,
  { signal, onMerged }: FileMergePorts,
): Promise<VerifiedMerge> {
  const { specification, layout } = request
  const file = await writeMerged(output, {
    sweep: specification?.plan.sweep ?? namelessSweep,
    identityDigest: specification?.identityDigest ?? '',
    rootAttributes: specification?.rootAttributes ?? {},
    tolerance: toleranceOf(request.tolerance, account.counts.expected),
    ...{ layout, account, files },
  })
  let merged = 0
  try {
    for (const position of positionsIn(account, 'merged')) {
      file.add(position, mergeableAt(gathered.slotOf(account.keyAt(position))!, gathered, spool))
      onMerged(++merged, account.counts.merged)
      // Signals are heard between turns of the event loop.
      if (merged % writtenATurn === 0) await nextTurn()
      signal.throwIfAborted()
    }
    return await file.finish()
  } finally {
    file.discard()
  }
}

function mergeableAt(slot: number, gathered: Gathered, spool: GroupSpool): Mergeable {
  const key = gathered.keyAt(slot)
  const group = spool.read(gathered.placeAt(slot))
  return {
    key,
    facts: gathered.factsAt(slot),
    group: () => group,
    contents: () => plainContentsOf(key, group).contents,
  }
}

/** With a specification every configuration of it is expected, otherwise everything that was found. */
function expectedOf(gathered: Gathered, specification: FolderSpecification | undefined): ExpectedConfigurations {
  if (specification) {
    const { plan } = specification
    return {
      length: plan.total,
      at(index) {
        const { key, fields } = plan.at(index)
        return { key, index, fields, ...standingOf(gathered, gathered.slotOf(key)) }
      },
    }
  }
  return {
    length: gathered.length,
    at: (slot) => {
      const { n_turbines: _, ...fields } = gathered.numbers.at(slot)
      return { key: gathered.keyAt(slot), index: slot, fields, ...standingOf(gathered, slot) }
    },
  }
}

type StandingFacts = Omit<ExpectedConfiguration, 'key' | 'index' | 'fields'>

function standingOf(gathered: Gathered, slot: number | undefined): StandingFacts {
  const nowhere = { epoch: 0, source: 'windrow', verified: 'plausible' } as const
  if (slot === undefined) return { ...nowhere, state: 'missing' }
  const standing = gathered.standingAt(slot)
  if (standing === 'conflict') return { ...nowhere, state: 'dead-corrupt', cause: 'FILES_CONFLICT' }
  if (standing === 'bad') return { ...nowhere, state: 'dead-corrupt', cause: 'FILE_CORRUPT' }
  return {
    state: 'committed',
    epoch: 0,
    source: 'windrow',
    verified: gathered.isEvaluatedAt(slot) ? 'evaluated' : 'plausible',
  }
}

function certifiedFiles(report: FolderReport, specification: boolean): CertifiedFiles {
  const { refused, conflicts, notCarried } = report
  return {
    specification,
    read: report.files,
    refused: refused.map(({ file, cause }) => ({ file, cause })),
    conflicts: conflicts.map(({ key, files }) => ({ key, files: [...files] })),
    notCarried: notCarried.map(({ key, place, why }) => ({ key, place, why })),
  }
}

function refuseEmptyFolder(directory: string, files: number): void {
  if (files > 0) return
  throw new WindrowError('MERGE_NOTHING', {
    message: `${directory} has no file of a name that ends in .h5 or .hdf5.`,
    context: { directory },
    next: 'Name the folder that holds the result files or worker files.',
  })
}
