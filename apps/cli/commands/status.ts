import type { CurrentStates } from '@windrow/common/status/current-states.ts'
import { readSweepStatus, type SweepStatus } from '@windrow/common/status/sweep-status.ts'
import { createSweepReader, type SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { renderStatus } from '../output/render-status.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, type OpenContext, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface StatusOptions extends ContextFlags {
  readonly sweep: string
  readonly watch?: boolean
  readonly json?: boolean
}

/** `windrow status SWEEP`: 0 when the sweep is complete in its merged file, 2 when it falls short. */
export async function statusCommand(options: StatusOptions, surroundings: Surroundings): Promise<number> {
  return await withContext(options, surroundings, async (open) => {
    const name = await findSweep(open.store, options.sweep)
    const reader = createSweepReader(open.store)
    const look = async (known?: CurrentStates) => lookAt(await reader.readNewest(name), open, { surroundings, known })
    const status = options.watch ? await watch(look, options, surroundings) : (await look()).status
    if (!options.watch) show(status, options, surroundings)
    return status.complete ? exitStatus.complete : exitStatus.incomplete
  })
}

type Look = (known?: CurrentStates) => Promise<{ status: SweepStatus; states: CurrentStates }>

async function lookAt(
  sweep: SubmittedSweep,
  { store, redis }: OpenContext,
  { surroundings, known }: { surroundings: Surroundings; known: CurrentStates | undefined },
) {
  const ledger = redis.ledgerOf?.(sweep.plan.sweep)
  const nowMs = surroundings.clock.now()
  const findings = redis.findings.map(({ message }) => message)
  const outages = await redis.outages?.(nowMs)
  const sources = { store, ledger, findings, outages, trouble: redis.failed ? redis.why : undefined }
  return await readSweepStatus(sources, sweep, { nowMs, known })
}

const watchEveryMs = 2_000

/** Shows the status again and again until nothing is open any more, or nobody reads it. */
async function watch(look: Look, options: StatusOptions, surroundings: Surroundings): Promise<SweepStatus> {
  const { clock, terminal } = surroundings
  let known: CurrentStates | undefined
  for (;;) {
    const startedMs = clock.now()
    const { status, states } = await look(known)
    known = states
    if (terminal.interactive && !options.json) terminal.print('\u001b[H\u001b[2J')
    show(status, options, surroundings)
    const { pending, running, retrying } = status.counts
    const isSettled = pending + running + retrying === 0 && !status.mergeDue
    if (isSettled || status.source === 'store' || terminal.closed()) return status
    // A sweep that takes long to look at is looked at less often.
    await clock.sleep(Math.max(watchEveryMs, 5 * (clock.now() - startedMs)))
  }
}

/** With --watch --json every look is a document on one line. */
function show(status: SweepStatus, { json, watch: isWatched }: StatusOptions, { terminal }: Surroundings): void {
  if (!json) terminal.print(renderStatus(status, terminal.style))
  else if (isWatched) terminal.print(`${JSON.stringify(status)}\n`)
  else terminal.printJson(status)
}
