import type { QuarantineEvidence } from '../records/quarantine-evidence.ts'
import { encodeRecord } from '../records/record-codec.ts'
import type { Reopening } from '../records/reopening.ts'
import type { Verdict } from '../results/verdict.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import { type CommitAddress, sha256Of } from './read-commit.ts'

/** Who acts, where and when: what every record carries. */
export interface Actor {
  readonly who: string
  readonly host: string
  readonly now: number
}

/**
 * Ends the epoch of a commit that does not verify: copies its bytes to the quarantine with the evidence, then records
 * that the epoch is over. Re-run, never repair. Safe to repeat.
 */
export async function closeDamagedCommit(
  store: Store,
  damage: CommitAddress & { bytes: Uint8Array; verdict: Verdict & { ok: false } },
  actor: Actor,
): Promise<void> {
  const { sweep, key, epoch, bytes, verdict } = damage
  const sha256 = sha256Of(bytes)
  // Named by its content: the same damage found twice is quarantined once.
  const label = `commit-${sha256.slice(0, 16)}`
  const evidence: QuarantineEvidence = {
    schema: 1,
    sweep,
    key,
    epoch,
    attempt: label,
    reason: verdict.reason,
    detail: verdict.detail,
    source: 'commit',
    bytes: bytes.length,
    sha256,
    host: actor.host,
    at: new Date(actor.now).toISOString(),
    reproduce: `windrow check ${names.quarantinedBytes(sweep, key, epoch, label)}`,
  }
  await store.create(names.quarantinedBytes(sweep, key, epoch, label), bytes)
  await store.create(names.quarantineEvidence(sweep, key, epoch, label), encodeRecord(evidence))
  await recordReopening(store, { sweep, key, epoch }, { ...actor, reason: `the commit is damaged: ${verdict.detail}` })
}

/** Records that an epoch is over; the first reason given stands. */
export async function recordReopening(
  store: Store,
  { sweep, key, epoch }: CommitAddress,
  actor: Pick<Actor, 'who' | 'now'> & { reason: string } & Pick<Reopening, 'contradictory'>,
): Promise<void> {
  const reopening: Reopening = {
    schema: 1,
    sweep,
    key,
    epoch,
    by: actor.who,
    reason: actor.reason,
    ...(actor.contradictory && { contradictory: actor.contradictory }),
    at: new Date(actor.now).toISOString(),
  }
  await store.create(names.reopening(sweep, key, epoch), encodeRecord(reopening))
}
