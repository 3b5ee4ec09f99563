import { closeSync, openSync } from 'node:fs'
import { resolve } from 'node:path'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { CertifiedVerification } from '@windrow/common/merging/verification.ts'
import { verifyMergedDescriptor } from '@windrow/common/merging/verify-merged.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { sweepNames } from '@windrow/common/sweep/sweep-names.ts'
import { exitStatus } from '../exit-status.ts'
import { renderVerification } from '../output/render-verification.ts'
import { sha256OfFile } from '../running/output-path.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { compareWithCommits, type StoreComparison } from '../verify/compare-with-commits.ts'

export interface VerifyOptions extends Pick<ContextFlags, 'dir'> {
  readonly file: string
  /** An address; true: the store of the context; undefined: offline. */
  readonly store?: string | true
  readonly json?: boolean
}

/** `windrow verify FILE`: holds a merged file against its certificate, and with --store against the commits. 3 when it fails. */
export async function verifyCommand(options: VerifyOptions, surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings
  const path = resolve(surroundings.workingDirectory, options.file)
  const { certificateSha256: _, merged, ...verification } = await verifyFile(path)
  const { sweep } = verification
  const inStore =
    options.store === undefined || merged === undefined || sweep === undefined
      ? undefined
      : await compareWithStore({ path, sweep, merged }, options, surroundings)
  const notChecked = inStore
    ? verification.notChecked.filter((part) => !part.includes('--store'))
    : verification.notChecked
  const ok = verification.ok && (inStore?.commits.faults.length ?? 0) === 0
  const report = { ...verification, ok, notChecked, ...(inStore && { inStore }) }
  if (options.json) terminal.printJson(report)
  else terminal.print(renderVerification(report, terminal.style))
  return ok ? exitStatus.complete : exitStatus.corrupt
}

async function verifyFile(path: string): Promise<CertifiedVerification> {
  const fd = openForReading(path)
  try {
    return await verifyMergedDescriptor(fd, path)
  } finally {
    closeSync(fd)
  }
}

async function compareWithStore(
  { path, ...certified }: { path: string; sweep: string } & Required<Pick<CertifiedVerification, 'merged'>>,
  { store: address, dir }: VerifyOptions,
  surroundings: Surroundings,
): Promise<StoreComparison> {
  const flags = { ...(dir && { dir }), ...(typeof address === 'string' && { store: address }) }
  return await withContext(flags, surroundings, async ({ store }) => {
    const known = await sweepNames(store)
    if (!known.includes(certified.sweep)) throw otherStore(store, certified.sweep)
    const validator = createThreadValidator({ size: 2, timeoutMs: 60_000 })
    try {
      const commits = await compareWithCommits({ store, validator }, certified)
      return { store: store.url, commits, generation: await generationOf(store, certified.sweep, path) }
    } finally {
      await validator.close()
    }
  })
}

async function generationOf(store: Store, sweep: string, path: string): Promise<number | null> {
  const digest = await sha256OfFile(path)
  const generations = await readGenerations(store, sweep)
  return generations.findLast(({ files }) => files.layouts.sha256 === digest)?.number ?? null
}

function otherStore(store: Store, sweep: string): WindrowError {
  return new WindrowError('SWEEP_UNKNOWN', {
    message: `The file is of the sweep ${sweep}, which ${store.url} does not hold.`,
    context: { sweep, store: store.url },
    next: 'Name the store it came from with --store, or leave --store out to verify offline.',
  })
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    throw new WindrowError('FILE_UNREADABLE', { message: `${path} cannot be opened: ${messageOf(cause)}`, cause })
  }
}
