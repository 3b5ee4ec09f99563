import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { recordAction } from '@windrow/common/accounting/actions.ts'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { type Certificate, decodeCertificate } from '@windrow/common/merging/certificate.ts'
import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { verifyMerged } from '@windrow/common/merging/verify-merged.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { findLeftovers, type Leftover, removeLeftovers } from '@windrow/common/store/file-leftovers.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store, StoredObject } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { deliver } from '../running/deliver.ts'
import { planPruning, prunedKinds, type Removal } from './plan-pruning.ts'

export interface PruneRequest {
  readonly store: Store
  readonly plan: SweepPlan
  readonly dryRun: boolean
  readonly actor: { readonly who: string; readonly now: number; readonly reason?: string | undefined }
  readonly actionId: string
}

export interface Pruned {
  readonly what: string
  readonly objects: number
  readonly bytes: number
}

export interface PruneOutcome {
  /** The generation whose file was verified first. */
  readonly generation: Generation
  /** Every kind, also those of which there is nothing. */
  readonly removed: readonly Pruned[]
  /** What the sweep held before. */
  readonly held: { readonly objects: number; readonly bytes: number }
}

/** Younger temporary files may be uploads under way, and hosts' clocks differ. */
const leftoverAgeMs = 24 * 3_600_000
const removalsAtOnce = 16

/**
 * Verifies the file of the newest complete generation, then removes what it makes superfluous (planPruning says what).
 * What is removed is on record, with counts and bytes, before the first object goes. Throws MERGE_NOTHING when no
 * complete generation is there, and FILE_CORRUPT, with nothing removed, when its file does not verify.
 */
export async function pruneSweep(request: PruneRequest): Promise<PruneOutcome> {
  const { store, plan, dryRun, actor, actionId } = request
  const generations = await readGenerations(store, plan.sweep)
  const kept = newestComplete(generations, plan.sweep)
  await verifyFileOf(store, kept, generations)
  const objects = await objectsOf(store, plan.sweep)
  const removals = planPruning(objects, { ...(await factsOf(store, plan, kept)), generations, kept })
  const leftovers = await findLeftovers(store.url, names.sweep(plan.sweep), actor.now - leftoverAgeMs)
  const removed = countRemovals(removals, leftovers)
  const held = { objects: objects.length, bytes: bytesOf(objects) }
  if (dryRun || removals.length + leftovers.length === 0) return { generation: kept, removed, held }
  const { who, now, reason } = actor
  const facts = { generation: kept.number, removed: [...removed], by: who, ...(reason && { reason }) }
  await recordAction(store, { sweep: plan.sweep, action: 'prune', selector: [], ...facts }, { now, id: actionId })
  for await (const _ of readAhead(removals, removalsAtOnce, ({ name }) => store.remove(name)));
  await removeLeftovers(store.url, leftovers)
  return { generation: kept, removed, held }
}

function newestComplete(generations: readonly Generation[], sweep: string): Generation {
  const kept = generations.findLast(({ complete }) => complete)
  if (kept) return kept
  throw new WindrowError('MERGE_NOTHING', {
    message: `${sweep} has no complete merged file; until it has, nothing of it is superfluous.`,
    context: { sweep, generations: generations.length },
    next: `See what is missing with: windrow missing ${sweep}`,
  })
}

/** Brings the file here as `download` does, and verifies it as `verify` does. */
async function verifyFileOf(store: Store, generation: Generation, generations: readonly Generation[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'windrow-prune-'))
  try {
    const target = join(folder, 'layouts.h5')
    await deliver(store, generation, { target, generations })
    const { ok, sweep, complete, summary, faults } = await verifyMerged(target)
    if (ok && sweep === generation.sweep && complete) return
    throw new WindrowError('FILE_CORRUPT', {
      message: `The file of generation ${generation.number} does not verify: ${faults[0]?.detail ?? summary.text}`,
      context: { generation: generation.number },
      next: `Nothing was removed. Run \`windrow download ${generation.sweep}\` and \`windrow verify\` on the file to see all that is wrong.`,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function objectsOf(store: Store, sweep: string): Promise<StoredObject[]> {
  const objects: StoredObject[] = []
  for await (const object of store.list(names.sweep(sweep))) objects.push(object)
  return objects
}

async function factsOf(store: Store, plan: SweepPlan, kept: Generation) {
  const { cells, epochs } = await readStatesInStore(store, plan)
  const merged = new Set((await certificateOf(store, kept)).merged.map(({ key }) => key))
  return {
    folder: names.sweep(plan.sweep),
    liveEpochOf: (key: string) => epochs.get(plan.indexOf(key) ?? -1) ?? 0,
    isSafe: (key: string) => {
      const index = plan.indexOf(key)
      return index !== undefined && merged.has(key) && stateOfCell(cells[index]!) === 'committed'
    },
  }
}

async function certificateOf(store: Store, { files }: Generation): Promise<Certificate> {
  const { name } = files.certificate
  const bytes = await store.read(name)
  if (bytes) return decodeCertificate(new TextDecoder().decode(bytes))
  throw new WindrowError('FILE_UNREADABLE', { message: `the store no longer holds ${name}`, context: { name } })
}

function countRemovals(removals: readonly Removal[], leftovers: readonly Leftover[]): Pruned[] {
  const counted = prunedKinds.map((what) => {
    const of = removals.filter(({ kind }) => kind === what)
    return { what, objects: of.length, bytes: bytesOf(of) }
  })
  return [...counted, { what: 'leftovers of stopped uploads', objects: leftovers.length, bytes: bytesOf(leftovers) }]
}

const bytesOf = (objects: readonly { readonly size: number }[]) => objects.reduce((sum, { size }) => sum + size, 0)
