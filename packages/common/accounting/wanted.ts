import type { Action } from '../records/action.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'
import { matches, parseSelector } from '../sweep/selector.ts'
import { readActions } from './actions.ts'
import { isInRanges } from './index-ranges.ts'

/** Tells of a configuration, by its place, whether it is meant. */
export type IndexTest = (index: number) => boolean

/**
 * Which configurations are wanted; undefined when all are. The newest `select` (every `run` and `submit` records one,
 * and so does `resume --all`) says what is wanted from then on, whatever was before it. A later `cancel` takes its
 * configurations away, a later `rerun` wants its own again: the last one that names a configuration decides.
 */
export function wantedBy(actions: readonly Action[], plan: Plan): IndexTest | undefined {
  const selected = selectedBy(actions, plan)
  const later = actionsSinceSelection(actions)
    .filter(({ action }) => action === 'cancel' || action === 'rerun')
    .reverse()
  if (later.length === 0) return selected
  return (index) => {
    const last = later.find(({ configurations = [] }) => isInRanges(configurations, index))
    return last ? last.action === 'rerun' : (selected?.(index) ?? true)
  }
}

/** Which configurations the newest `select` asks for, whatever was cancelled since; undefined when all are. */
export function selectedBy(actions: readonly Action[], plan: Plan): IndexTest | undefined {
  const action = actions.findLast((candidate) => candidate.action === 'select')
  if (!action || action.selector.length === 0) return undefined
  const selector = parseSelector(action.selector)
  return (index) => matches(selector, { configuration: plan.at(index), state: 'pending' })
}

/** `wantedBy` of the actions in the store. */
export async function readWanted(store: Store, plan: Plan): Promise<IndexTest | undefined> {
  return wantedBy((await readActions(store, plan.sweep)).actions, plan)
}

/** `selectedBy` of the actions in the store. */
export async function readSelection(store: Store, plan: Plan): Promise<IndexTest | undefined> {
  return selectedBy((await readActions(store, plan.sweep)).actions, plan)
}

function actionsSinceSelection(actions: readonly Action[]): Action[] {
  return actions.slice(actions.findLastIndex(({ action }) => action === 'select') + 1)
}
