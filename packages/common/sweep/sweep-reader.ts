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
  /** The same, after looking whether the store has a newer manifest, or another sweep of the same name by now. */
  readNewest(sweep: string): Promise<SubmittedSweep>
}

interface KeptSweep {
  readonly submitted: SubmittedSweep
  /** The newest manifest as it stands in the store: another sweep of the same name has other bytes there. */
  readonly newest: Buffer
}

export function createSweepReader(store: Store): SweepReader {
  const kept = new Map<string, KeptSweep>()
  const newestManifest = async (sweep: string, n: number) =>
    Buffer.from((await store.read(names.manifest(sweep, n))) ?? new Uint8Array())
  const readAnew = async (sweep: string) => {
    kept.delete(sweep)
    const manifests = await readManifests(store, sweep)
    const plan = planOf(manifests)
    const submitted: SubmittedSweep = {
      plan,
      policy: policyOf(plan.specification),
      submittedAt: Date.parse(manifests[0]!.at),
      identity: manifests.at(-1)!.identity,
    }
    kept.set(sweep, { submitted, newest: await newestManifest(sweep, plan.manifest) })
    return submitted
  }
  const read: SweepReader['read'] = async (sweep, atLeast = 0) => {
    const present = kept.get(sweep)?.submitted
    return present && present.plan.manifest >= atLeast ? present : await readAnew(sweep)
  }
  return {
    read,
    async readNewest(sweep) {
      const present = kept.get(sweep)
      if (!present) return await readAnew(sweep)
      const { manifest } = present.submitted.plan
      let manifests = 0
      for await (const _ of store.list(names.manifests(sweep))) manifests++
      const isSame = manifests === manifest + 1 && present.newest.equals(await newestManifest(sweep, manifest))
      return isSame ? present.submitted : await readAnew(sweep)
    },
  }
}
