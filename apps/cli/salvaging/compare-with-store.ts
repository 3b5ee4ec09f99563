import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { readCommit } from '@windrow/common/commits/read-commit.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { readAhead } from '@windrow/common/merging/read-ahead.ts'
import { decodeRecord } from '@windrow/common/records/record-codec.ts'
import { reopeningSchema } from '@windrow/common/records/reopening.ts'
import type { ResultContents } from '@windrow/common/results/contents.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { contentOf } from './wreck-facts.ts'

/** What the store has of a configuration that the wreck has rows of. */
export type Held =
  /** A result that an optimizer of the sweep made, or one that cannot be read: left alone. */
  | { readonly kind: 'committed' }
  /** One that was salvaged before, from this file. */
  | { readonly kind: 'salvaged'; readonly content: string; readonly file: string; readonly epoch: number }
  /** None; files that contradicted each other about it before. */
  | { readonly kind: 'contradicted'; readonly files: readonly string[]; readonly epoch: number }
  | { readonly kind: 'open'; readonly epoch: number }

export interface HeldInStore {
  /** Of every configuration asked for, by its place. */
  readonly held: ReadonlyMap<number, Held>
  /** Every committed configuration of the sweep, by its place. */
  readonly committed: ReadonlySet<number>
}

const readsAtOnce = 16

/** Looks up what the store has of these configurations; `store` is undefined where there is none yet. */
export async function heldInStore(
  indices: Iterable<number>,
  { store, plan, validator }: { store: Store | undefined; plan: SweepPlan; validator: Validator },
): Promise<HeldInStore> {
  if (store === undefined) {
    return { held: new Map([...indices].map((index) => [index, { kind: 'open', epoch: 0 }])), committed: new Set() }
  }
  const { cells, epochs } = await readStatesInStore(store, plan)
  const committed = new Set([...cells.keys()].filter((index) => stateOfCell(cells[index]!) === 'committed'))
  const held = new Map<number, Held>()
  const reading = readAhead(indices, readsAtOnce, async (index) => {
    const address = { sweep: plan.sweep, key: plan.keyAt(index), epoch: epochs.get(index) ?? 0 }
    if (!committed.has(index)) return { index, found: await openOrContradicted(store, address) }
    const expectation = { key: address.key, configurationDigest: plan.digestAt(index) }
    const reading = await readCommit({ store, validator }, address, expectation)
    const contents = reading.kind === 'valid' ? reading.verdict.contents : undefined
    return { index, found: salvagedBefore(contents, address.epoch) ?? { kind: 'committed' as const } }
  })
  for await (const { index, found } of reading) held.set(index, found)
  return { held, committed }
}

type Address = { readonly sweep: string; readonly key: string; readonly epoch: number }

async function openOrContradicted(store: Store, { sweep, key, epoch }: Address): Promise<Held> {
  for (let before = epoch - 1; before >= 0; before--) {
    const name = names.reopening(sweep, key, before)
    const bytes = await store.read(name)
    const { contradictory } = bytes ? decodeRecord(reopeningSchema, name, bytes) : {}
    if (contradictory !== undefined) return { kind: 'contradicted', files: contradictory, epoch }
  }
  return { kind: 'open', epoch }
}

function salvagedBefore(contents: ResultContents | undefined, epoch: number): Held | undefined {
  const { salvaged, datasets } = contents ?? {}
  const layout = datasets?.layout?.data
  if (salvaged === undefined || !(layout instanceof Float64Array)) return undefined
  const aep = Number((datasets?.aep_reported ?? datasets?.aep)?.data[0])
  return { kind: 'salvaged', content: contentOf({ layout, aep }), file: salvaged.file, epoch }
}
