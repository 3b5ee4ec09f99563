import { readAhead } from '../merging/read-ahead.ts'
import { type Action, actionSchema } from '../records/action.ts'
import { decodeRecord, encodeRecord } from '../records/record-codec.ts'
import { names, timeOfAction } from '../store/names.ts'
import type { Store } from '../store/store.ts'

/** What operators did to a sweep, in the order in which it counts. */
export interface ActionLog {
  readonly actions: readonly Action[]
  /** Name of the newest action's record; empty when there is none. Names sort in the order of the actions. */
  readonly newest: string
}

const readsAtOnce = 16

/**
 * Records an operator's action, which is never overwritten, and returns the name of its record. It comes after every
 * action recorded before it, also after those of a host whose clock is ahead of this one.
 */
export async function recordAction(
  store: Store,
  action: Omit<Action, 'schema' | 'at'>,
  { now, id }: { now: number; id: string },
): Promise<string> {
  const newest = (await actionNames(store, action.sweep)).at(-1)
  const after = newest === undefined ? now : Math.max(now, (timeOfAction(newest) ?? now) + 1)
  const name = names.action(action.sweep, after, id)
  const record: Action = { schema: 1, ...action, at: new Date(now).toISOString() }
  await store.create(name, encodeRecord(record))
  return name
}

/** Reads every action of a sweep. STORE_RECORD_INVALID when one is not what Windrow wrote. */
export async function readActions(store: Store, sweep: string): Promise<ActionLog> {
  return await createActionReader(store).read(sweep)
}

/** Reads the actions of sweeps again and again: what was read before is not read anew, since it never changes. */
export function createActionReader(store: Store): { read(sweep: string): Promise<ActionLog> } {
  const known = new Map<string, ReadonlyMap<string, Action>>()
  return {
    async read(sweep) {
      const found = await actionNames(store, sweep)
      const before = known.get(sweep)
      const records = new Map<string, Action>()
      const reading = readAhead(found, readsAtOnce, async (name) => ({
        name,
        action: before?.get(name) ?? (await readAction(store, name)),
      }))
      for await (const { name, action } of reading) if (action) records.set(name, action)
      known.set(sweep, records)
      return { actions: [...records.values()], newest: found.at(-1) ?? '' }
    },
  }
}

async function actionNames(store: Store, sweep: string): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list(names.actions(sweep))) found.push(name)
  return found.sort()
}

/** undefined when the sweep has been deleted since it was listed. */
async function readAction(store: Store, name: string): Promise<Action | undefined> {
  const bytes = await store.read(name)
  return bytes && decodeRecord(actionSchema, name, bytes)
}
