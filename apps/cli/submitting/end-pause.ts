import { readActions, recordAction } from '@windrow/common/accounting/actions.ts'
import { type Pause, pauseBy } from '@windrow/common/accounting/pause.ts'
import type { Store } from '@windrow/common/store/store.ts'

/** Ends the pause of a sweep, if there is one: records `resume`. Returns the pause that held, and the record's name. */
export async function endPause(
  store: Store,
  sweep: string,
  actor: { readonly by: string; readonly now: number; readonly id: string; readonly reason?: string | undefined },
): Promise<{ pause: Pause; action: string } | undefined> {
  const pause = pauseBy((await readActions(store, sweep)).actions)
  if (!pause) return undefined
  const { by, now, id, reason } = actor
  const resume = { sweep, action: 'resume' as const, selector: [], by, ...(reason !== undefined && { reason }) }
  return { pause, action: await recordAction(store, resume, { now, id }) }
}
