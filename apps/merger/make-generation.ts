import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { expectedConfigurations } from '@windrow/common/accounting/expected-configurations.ts'
import { followCommits, followReopenings } from '@windrow/common/accounting/follow-store.ts'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import type { Ledger, LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { ExpectedConfiguration, ExpectedConfigurations } from '@windrow/common/merging/account.ts'
import { type MergeOutcome as MergedFileOutcome, mergeResults } from '@windrow/common/merging/merge.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import { openAuditLog } from './audit-log.ts'
import { closeDamagedCommits } from './close-damaged-commits.ts'
import { publishGeneration } from './publish-generation.ts'

export interface MergerPorts {
  readonly store: Store
  readonly validator: Validator
  readonly clock: Clock
  readonly logger: Logger
  readonly host: string
  /** Names this merger in audit logs and generation records. */
  readonly merger: string
  /** A folder on this machine for the file while it is written. */
  readonly scratch: string
  /** Tells the producers that configurations are open again. */
  readonly wake: (sweep: string) => Promise<void>
}

export type MergeOutcome =
  /** A new generation, or the one that had merged the same inputs before. */
  | { readonly kind: 'generation'; readonly generation: Generation; readonly fresh: boolean }
  /** So many commits did not verify, now or before: their epochs are closed, their configurations run again, and a merge follows. */
  | { readonly kind: 'reopened'; readonly configurations: number }
  | { readonly kind: 'nothing' }

/**
 * Merges what the store holds of a sweep: reads every commit, checks it, writes the file, verifies what was written,
 * publishes it, and records the generation last. The same inputs give the same bytes and no second generation. Safe to
 * repeat and to run several times at once.
 */
export async function makeGeneration(
  submitted: SubmittedSweep,
  ledger: Ledger,
  ports: MergerPorts,
): Promise<MergeOutcome> {
  const { plan } = submitted
  // Read before the store is: what is settled later is another merge's.
  const covered = await ledger.summary()
  const states = await readStatesInStore(ports.store, plan)
  const reopened = covered ? await followReopenings(ledger, states.epochs) : 0
  if (reopened > 0) {
    await ports.wake(plan.sweep)
    return { kind: 'reopened', configurations: reopened }
  }
  if (covered) await followCommits(ledger, states, ports.merger)
  if (!states.cells.some((cell) => stateOfCell(cell) === 'committed')) return { kind: 'nothing' }
  await mkdir(ports.scratch, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(ports.scratch, 'merge-'))
  try {
    const merge = {
      submitted,
      expected: expectedConfigurations(plan, states),
      layoutsPath: join(folder, 'layouts.h5'),
      certificatePath: join(folder, 'certificate.json'),
      auditPath: join(folder, 'audit.jsonl'),
    }
    const merged = await mergeWithAudit(merge, ports)
    if (merged.outcome === 'damaged') return await reopen({ submitted, ledger, ports }, merged.damaged)
    const isOvertaken = () => hasMergedLater(ledger, covered)
    const published = await publishGeneration(plan.sweep, { ...merged, ...merge, isOvertaken }, ports)
    const isLast = async () => !published.fresh || (await isNewest(plan.sweep, published.generation, ports))
    // Before it is marked: a merger that is lost here leaves a merge that is due.
    const stands = (await isLast()) && !(published.fresh && (await isOvertaken()))
    if (stands && covered) await ledger.markMerged(covered)
    // Of two that publish at once each has looked for what the other does last, after what it does last itself: one has seen it.
    if (!stands || !(await isLast())) return await makeGeneration(submitted, ledger, ports)
    return { kind: 'generation', ...published }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface PlannedMerge {
  readonly submitted: SubmittedSweep
  readonly expected: ExpectedConfigurations
  readonly layoutsPath: string
  readonly certificatePath: string
  readonly auditPath: string
}

async function mergeWithAudit(merge: PlannedMerge, { store, validator }: MergerPorts): Promise<MergedFileOutcome> {
  const { plan, identity } = merge.submitted
  const { merge: how, policy, optimizer } = plan.specification
  const audit = await openAuditLog(merge.auditPath)
  try {
    const outcome = await mergeResults({
      sweep: plan.sweep,
      identityDigest: identity,
      layout: how.layout,
      tolerance: policy.tolerance,
      rootAttributes: { grid_size: optimizer.grid_size, random_pct: optimizer.random_pct },
      expected: merge.expected,
      readCommit: ({ key, epoch }) => store.read(names.result(plan.sweep, key, epoch)),
      validate: (bytes, expectation) => validator.validate(bytes, expectation),
      expectationFor: ({ key, index }) => ({ key, configurationDigest: plan.digestAt(index) }),
      outputPath: merge.layoutsPath,
      certificatePath: merge.certificatePath,
      audit: audit.write,
    })
    await audit.finish()
    return outcome
  } finally {
    await audit.close()
  }
}

/**
 * A merger that began later has merged already, more in the same ledger or anything in one that was made since: what this one
 * read is older than the newest generation. What it read and the other did not is still to be merged by that ledger.
 */
async function hasMergedLater(ledger: Ledger, covered: LedgerSummary | undefined): Promise<boolean> {
  const now = await ledger.summary()
  if (now === undefined) return false
  return now.mergedRevision > (now.instance === covered?.instance ? covered.revision : notMerged)
}

const notMerged = -1

/** False when a merger that took long has published on top of it what it had read before. */
async function isNewest(sweep: string, { inputDigest }: Generation, { store }: MergerPorts): Promise<boolean> {
  return (await readGenerations(store, sweep)).at(-1)?.inputDigest === inputDigest
}

async function reopen(
  { submitted, ledger, ports }: { submitted: SubmittedSweep; ledger: Ledger; ports: MergerPorts },
  damaged: readonly { readonly row: ExpectedConfiguration }[],
): Promise<MergeOutcome> {
  const configurations = await closeDamagedCommits(submitted.plan, {
    ledger,
    ports,
    damaged: damaged.map(({ row }) => row),
  })
  await ports.wake(submitted.plan.sweep)
  return { kind: 'reopened', configurations }
}
