import { type Action, actionSchema } from '../records/action.ts'
import { decodeRecord, encodeRecord } from '../records/record-codec.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'
import { matches, parseSelector } from '../sweep/selector.ts'

/** Which configurations of the sweep are wanted: those the newest `select` action names; undefined when all are. */
export async function readSelection(store: Store, plan: Plan): Promise<((index: number) => boolean) | undefined> {
  const action = await newestSelection(store, plan.sweep)
  if (!action || action.selector.length === 0) return undefined
  const selector = parseSelector(action.selector)
  return (index) => matches(selector, { configuration: plan.at(index), state: 'pending' })
}

/** Records an operator's action; actions are never overwritten, and the newest selection counts. */
export async function recordAction(
  store: Store,
  action: Omit<Action, 'schema' | 'at'>,
  { now, id }: { now: number; id: string },
): Promise<void> {
  const record: Action = { schema: 1, ...action, at: new Date(now).toISOString() }
  await store.create(names.action(action.sweep, now, id), encodeRecord(record))
}

/** The newest `select` action, or undefined. Names sort by time. */
async function newestSelection(store: Store, sweep: string): Promise<Action | undefined> {
  const found: string[] = []
  for await (const { name } of store.list(names.actions(sweep))) found.push(name)
  for (const name of found.sort().reverse()) {
    const action = decodeRecord(actionSchema, name, (await store.read(name)) ?? new Uint8Array())
    if (action.action === 'select') return action
  }
  return undefined
}
