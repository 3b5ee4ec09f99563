import { readActions, recordAction } from '@windrow/common/accounting/actions.ts'
import { type Pause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { type SetAside, setAsideBy } from '@windrow/common/accounting/set-aside.ts'
import type { Store } from '@windrow/common/store/store.ts'

/** What a `resume` has ended. */
export interface Resumed {
  readonly pause?: Pause
  /** Hosts that take its jobs again. */
  readonly hosts: readonly SetAside[]
  /** The name of its record. */
  readonly action: string
}

/** Lets a sweep go on that is paused, or some of whose hosts are set aside: records `resume`. undefined when nothing held it. */
export async function endPause(
  store: Store,
  sweep: string,
  actor: { readonly by: string; readonly now: number; readonly id: string; readonly reason?: string | undefined },
): Promise<Resumed | undefined> {
  const { actions } = await readActions(store, sweep)
  const [pause, hosts] = [pauseBy(actions), setAsideBy(actions)]
  if (!pause && hosts.length === 0) return undefined
  const { by, now, id, reason } = actor
  const resume = { sweep, action: 'resume' as const, selector: [], by, ...(reason !== undefined && { reason }) }
  return { ...(pause && { pause }), hosts, action: await recordAction(store, resume, { now, id }) }
}
