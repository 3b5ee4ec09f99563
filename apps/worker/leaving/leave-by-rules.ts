import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import type { RunningSet } from '../steps/running-set.ts'
import { type LeavingRules, whenToLeave } from './when-to-leave.ts'

export interface LeavingPorts {
  readonly clock: Clock
  readonly logger: Logger
  readonly running: Pick<RunningSet, 'size' | 'begun'>
  readonly isSettled: (sweep: string) => Promise<boolean>
  /** Asks the worker to drain. */
  readonly drain: (reason: string) => void
  readonly shutdown: AbortSignal
}

/** How a worker stands towards its end. */
export interface LeavingState {
  /** False when it ends as soon as what runs here has ended. */
  readonly takesWork: boolean
  /** It ended because there was nothing left for it to do. */
  readonly isContent: boolean
}

const lookEveryMs = 500

/** Ends a worker by its rules, from its start on: also while it waits for a leader or a store. */
export function leaveByRules(rules: LeavingRules, ports: LeavingPorts): LeavingState {
  const state = { takesWork: true, isContent: false }
  if (Object.values(rules).some((rule) => rule !== undefined)) {
    watch(rules, ports, state).catch((error: unknown) => {
      ports.logger.error({ err: error }, `cannot look whether it is time to leave: ${messageOf(error)}`)
      ports.drain('it cannot tell when it should')
    })
  }
  return state
}

async function watch(
  rules: LeavingRules,
  { clock, logger, running, isSettled, drain, shutdown }: LeavingPorts,
  state: { takesWork: boolean; isContent: boolean },
): Promise<void> {
  const startedAt = clock.now()
  let busyAt = startedAt
  let begun = 0
  while (!shutdown.aborted) {
    if (running.size > 0 || running.begun > begun) busyAt = clock.now()
    begun = running.begun
    const settled = rules.doneSweep !== undefined && (await isSettled(rules.doneSweep))
    const facts = { now: clock.now(), startedAt, busyAt, running: running.size, isSettled: settled }
    const leaving = whenToLeave(rules, facts)
    if (leaving.kind === 'finish' && state.takesWork) logger.info(`taking nothing new: ${leaving.reason}`)
    state.takesWork = leaving.kind === 'stay'
    if (leaving.kind === 'leave' || leaving.kind === 'drain') {
      state.isContent = leaving.kind === 'leave'
      return drain(leaving.reason)
    }
    await clock.sleep(lookEveryMs, shutdown)
  }
}
