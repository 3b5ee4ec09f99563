import { stateOfCell } from '../ledger/states.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'
import { type AttemptNames, readAttempts } from './attempts-in-store.ts'
import type { CurrentStates } from './current-states.ts'
import type { ProgressSample } from './eta.ts'

/** So many settlements tell the rate well enough, however large the sweep is. */
const mostSettlements = 200

/**
 * When the last committed configurations were settled, as samples for a rate, up to now (so that a sweep that has
 * stopped slows down). The store keeps no times of commits; their attempt records do. Configurations are begun about in
 * the order of their places, so the last 200 committed by place are about the last 200 by time.
 */
export async function readSettlements(
  store: Store,
  { plan, states, attempts, nowMs }: { plan: Plan; states: CurrentStates; attempts: AttemptNames; nowMs: number },
): Promise<ProgressSample[]> {
  const names: string[] = []
  let committed = 0
  for (let index = plan.total - 1; index >= 0; index--) {
    if (stateOfCell(states.cells[index]!) !== 'committed') continue
    committed++
    if (committed <= mostSettlements) names.push(...attempts.of(index, states.epochs.get(index) ?? 0))
  }
  const times = (await readAttempts(store, names))
    .filter(({ outcome }) => outcome === 'valid')
    .map(({ endedAt }) => Date.parse(endedAt))
    .sort((a, b) => a - b)
  const before = committed - times.length
  const samples = times.map((atMs, i) => ({ atMs, done: before + i + 1 }))
  const lastMs = samples.at(-1)?.atMs ?? nowMs
  return samples.length === 0 ? [] : [...samples, { atMs: Math.max(nowMs, lastMs), done: committed }]
}
