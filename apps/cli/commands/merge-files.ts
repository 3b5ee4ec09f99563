import { realpath, rm } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { type FileMergeOutcome, type FileMergeRequest, mergeFiles } from '@windrow/common/file-merging/merge-files.ts'
import type { MergeLayout } from '@windrow/common/merging/input-digest.ts'
import { toleranceOf } from '@windrow/common/merging/tolerance.ts'
import { evaluation } from '@windrow/common/results/problem-evaluation.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { grouped, outOf } from '@windrow/common/status/counts.ts'
import { identityDigest } from '@windrow/common/sweep/identity.ts'
import { createWreckReader } from '@windrow/common/wrecks/wreck-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { auditPathOf, type FileMergeAudit, isEarlierOutput, openFileMergeAudit } from '../merging/file-merge-audit.ts'
import { readSpecifiedPlan, type SpecifiedPlan } from '../merging/specified-plan.ts'
import { createLineProgress, type LineProgress } from '../output/line-progress.ts'
import { renderFileMerge } from '../output/render-file-merge.ts'
import { listenForInterruption } from '../running/interruption.ts'
import { partialPath, refuseUnwritable } from '../running/output-path.ts'
import type { Surroundings } from '../surroundings.ts'
import type { CommandHost } from './run.ts'

export interface MergeFilesOptions {
  /** The folder. */
  readonly files: string
  readonly output: string
  readonly spec?: string
  readonly optimizers?: string
  readonly onCorrupt: 'skip' | 'fail'
  readonly tolerance?: string
  readonly layout?: MergeLayout
  readonly json?: boolean
  readonly host: CommandHost
}

/** How long a worker file may take until its next 256 configurations, or its end. */
const readerTimeoutMs = 60_000

/**
 * `windrow merge --files DIR -o FILE`: a validated merge of result files and worker files; no services. 0 when the file has
 * all that is expected, or is short of it within the tolerance; 2 when not (NAME.partial.h5, or nothing to merge); 3 when
 * something is corrupt and --on-corrupt is fail: then nothing is written.
 */
export async function mergeFilesCommand(options: MergeFilesOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, workingDirectory, command } = surroundings
  const { spec, optimizers } = options
  const specified = spec === undefined ? undefined : await readSpecifiedPlan({ spec, optimizers }, workingDirectory)
  const request = await requestOf(options, specified, workingDirectory)
  const outcome = await withAudit(request, options, surroundings)
  if (outcome === undefined) return exitStatus.stopped
  const isComplete = outcome.kind === 'merged' && outcome.merge.certificate.complete
  if (isComplete) await removeSuperseded(request)
  const facts = { request, outcome, audit: auditPathOf(request.outputPath) }
  if (options.json) terminal.printJson(jsonOf(facts))
  else terminal.print(renderFileMerge(facts, { style: terminal.style, command }))
  if (outcome.kind === 'refused') return exitStatus.corrupt
  return isComplete ? exitStatus.complete : exitStatus.incomplete
}

async function requestOf(
  options: MergeFilesOptions,
  specified: SpecifiedPlan | undefined,
  workingDirectory: string,
): Promise<FileMergeRequest> {
  const specification = specified?.plan.specification
  const directory = await realFolder(resolve(workingDirectory, options.files), 'FILE_UNREADABLE')
  const asked = resolve(workingDirectory, options.output)
  const outputPath = join(await realFolder(dirname(asked), 'USAGE'), basename(asked))
  refuseOutputWithin(directory, outputPath)
  await refuseUnwritable(outputPath)
  const tolerance = options.tolerance ?? specification?.policy.tolerance ?? 0
  // Before any file is read: whatever is wrong with it is wrong now.
  toleranceOf(tolerance, specified?.plan.total ?? 0)
  const request: FileMergeRequest = {
    ...{ directory, outputPath, partialPath: partialPath(outputPath), onCorrupt: options.onCorrupt },
    layout: options.layout ?? specification?.merge.layout ?? 'keyed',
    tolerance,
    specification: specified && {
      plan: specified.plan,
      identityDigest: identityDigest(specified.plan.specification),
      rootAttributes: {
        grid_size: specified.plan.specification.optimizer.grid_size,
        random_pct: specified.plan.specification.optimizer.random_pct,
      },
      expectationFor: specified.expectationFor,
    },
  }
  for (const path of [request.outputPath, request.partialPath]) await refuseForeign(path, request)
  return request
}

async function realFolder(path: string, code: 'FILE_UNREADABLE' | 'USAGE'): Promise<string> {
  return await realpath(path).catch((cause) => {
    throw new WindrowError(code, {
      message: `There is no folder ${path}: ${messageOf(cause)}`,
      cause,
      context: { path },
    })
  })
}

/** What is in the folder stays as it is, its list of names included. */
function refuseOutputWithin(directory: string, outputPath: string): void {
  if (relative(directory, outputPath).startsWith('..')) return
  throw new WindrowError('USAGE', {
    message: `The output ${outputPath} would lie in the folder that is merged, of which nothing is changed.`,
    context: { directory, outputPath },
    next: 'Name a path elsewhere, such as -o ../layouts.h5.',
  })
}

async function refuseForeign(path: string, { directory, outputPath }: FileMergeRequest): Promise<void> {
  if (await isEarlierOutput(path, { audit: auditPathOf(outputPath), directory })) return
  throw new WindrowError('OUTPUT_PATH_TAKEN', {
    message: `${path} holds a file that is not, or no longer, what an earlier merge of ${directory} made`,
    context: { path, directory },
  })
}

/** Merges with an audit beside the output; undefined when it was interrupted. */
async function withAudit(
  request: FileMergeRequest,
  { host }: MergeFilesOptions,
  { clock, terminal }: Surroundings,
): Promise<FileMergeOutcome | undefined> {
  const audit = openFileMergeAudit(auditPathOf(request.outputPath))
  const progress = createLineProgress({ output: host.stderr, now: () => clock.now() })
  const interruption = listenForInterruption(
    () => progress.end(),
    () => process.exit(exitStatus.stopped),
  )
  const { directory, layout, tolerance, onCorrupt, specification } = request
  const at = () => new Date(clock.now()).toISOString()
  audit.write({ began: at(), directory, layout, tolerance, onCorrupt, sweep: specification?.plan.sweep ?? null })
  try {
    const outcome = await mergeWith(request, { audit, progress, signal: interruption.drain })
    audit.write({ ended: at(), outcome: outcome.kind })
    return outcome
  } catch (error) {
    audit.write({ ended: at(), outcome: 'failed', why: messageOf(error) })
    if (!interruption.drain.aborted) throw error
    terminal.say('Interrupted; nothing was written.')
    return undefined
  } finally {
    progress.end()
    interruption.dispose()
    audit.close()
  }
}

interface Running {
  readonly audit: FileMergeAudit
  readonly progress: LineProgress
  readonly signal: AbortSignal
}

async function mergeWith(request: FileMergeRequest, { audit, progress, signal }: Running): Promise<FileMergeOutcome> {
  const validator = createThreadValidator({ size: 2, timeoutMs: readerTimeoutMs })
  const wrecks = createWreckReader({ size: 2, timeoutMs: readerTimeoutMs, groups: true })
  let checked = 0
  try {
    return await mergeFiles(request, {
      ...{ validate: validator.validate, wrecks, evaluation, signal },
      onRead: (reading) => {
        audit.read(reading)
        progress.show(`${grouped(++checked)} files checked`)
      },
      onMerged: (merged, of) => progress.show(`${outOf(merged, of)} configurations merged`),
      beforePublishing: ({ sha256, bytes }, path) => {
        audit.write({ output: path, directory: request.directory, sha256, bytes })
      },
    })
  } finally {
    await Promise.all([validator.close(), wrecks.close()])
  }
}

/** Takes away the partial file of an earlier, incomplete merge once the whole one is there; a file of somebody else's stays. */
async function removeSuperseded({ directory, outputPath, partialPath: partial }: FileMergeRequest): Promise<void> {
  if (await isEarlierOutput(partial, { audit: auditPathOf(outputPath), directory })) await rm(partial, { force: true })
}

function jsonOf({ outcome, audit }: { outcome: FileMergeOutcome; audit: string }): object {
  const { kind, report } = outcome
  if (outcome.kind !== 'merged') return { outcome: kind, path: null, audit, ...report }
  const { certificate, sha256, bytes, inputDigest } = outcome.merge
  const { files: _, ...head } = certificate
  return { outcome: kind, path: outcome.path, audit, sha256, bytes, inputDigest, ...head, ...report }
}
