import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import { planOf, type SweepPlan } from './expand.ts'
import { readManifests } from './manifests.ts'
import { type Policy, policyOf } from './policy.ts'

/** A sweep as its manifests in the store describe it. */
export interface SubmittedSweep {
  readonly plan: SweepPlan
  readonly policy: Policy
  /** When its first manifest was written, ms since the epoch. */
  readonly submittedAt: number
  /** Digest of everything that changes results, of the newest manifest. */
  readonly identity: string
}

/** Reads sweeps, and keeps what it has read until a newer manifest is asked for or found. */
export interface SweepReader {
  /** The sweep, read again when the one kept is older than manifest `atLeast`. SWEEP_UNKNOWN when there is none. */
  read(sweep: string, atLeast?: number): Promise<SubmittedSweep>
  /** The same, after looking whether the store has a newer manifest. */
  readNewest(sweep: string): Promise<SubmittedSweep>
}

export function createSweepReader(store: Store): SweepReader {
  const kept = new Map<string, SubmittedSweep>()
  const readAnew = async (sweep: string) => {
    const manifests = await readManifests(store, sweep)
    const plan = planOf(manifests)
    const submitted: SubmittedSweep = {
      plan,
      policy: policyOf(plan.specification),
      submittedAt: Date.parse(manifests[0]!.at),
      identity: manifests.at(-1)!.identity,
    }
    kept.set(sweep, submitted)
    return submitted
  }
  const read: SweepReader['read'] = async (sweep, atLeast = 0) => {
    const present = kept.get(sweep)
    return present && present.plan.manifest >= atLeast ? present : await readAnew(sweep)
  }
  return {
    read,
    async readNewest(sweep) {
      const present = kept.get(sweep)
      if (!present) return await readAnew(sweep)
      let manifests = 0
      for await (const _ of store.list(names.manifests(sweep))) manifests++
      return manifests === present.plan.manifest + 1 ? present : await readAnew(sweep)
    },
  }
}
