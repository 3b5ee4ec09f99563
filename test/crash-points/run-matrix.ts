import { wakeProducers } from '@windrow/common/ledger/wake.ts'
import { auditAll, newestOf } from './account.ts'
import { type Cast, castFor, isHeldBack } from './cast.ts'
import { crashPoints, notStoppedAt } from './catalogue.ts'
import { type Firing, fireAll } from './fire.ts'
import { type Stage, setStage } from './stage.ts'
import { toldOptimizer } from './sweeps.ts'

export interface MatrixReport {
  /** Points and modes that could not be brought about. */
  readonly unfired: readonly string[]
  /** Changes that passed no point, and points that are not in the catalogue. */
  readonly unlisted: readonly string[]
  /** Services that ended otherwise than by a point, and why. */
  readonly unexplained: readonly string[]
  /** What does not add up after all of them. */
  readonly faults: readonly string[]
  /** From the last crash until every sweep was settled. */
  readonly settledAfterMs: number
}

/** Brings about crashes on real processes, lets them recover, and holds the account against a run without a fault. */
export async function runMatrix(firings: readonly Firing[], say: (line: string) => void): Promise<MatrixReport> {
  const optimizer = await toldOptimizer()
  const stage = await setStage(optimizer, { crashing: true })
  let faultFree: Stage | undefined
  try {
    const cast = castFor(stage, optimizer)
    const unfired = await fireAll(cast, firings, say)
    const lastCrashAt = performance.now()
    await letHeldGo(cast)
    await Promise.all((await cast.sweeps()).map(({ settled }) => settled()))
    const settledAfterMs = performance.now() - lastCrashAt
    say(`settled after ${(settledAfterMs / 1000).toFixed(1)} s`)
    faultFree = await setStage(optimizer, { crashing: false })
    await bringToEnd(cast, faultFree)
    const faults = await auditAll(cast, faultFree)
    return {
      unfired,
      unlisted: unlistedIn(stage),
      unexplained: unexplainedEnds(stage, firings),
      faults,
      settledAfterMs,
    }
  } finally {
    await Promise.all([stage.stop(), faultFree?.stop()])
  }
}

/** Nothing fails any more; what was paused or cancelled is wanted from now on, and so are hosts that were set aside. */
async function letHeldGo(cast: Cast): Promise<void> {
  cast.optimizer.untellAll()
  for (const { name } of await cast.sweeps()) {
    if (!isHeldBack(name)) continue
    await cast.stage.operate('resume', name, '--all')
    await wakeProducers(cast.stage.redis, name)
  }
}

/**
 * Runs what is dead again; and one configuration more of every sweep, so that none waits for the lock of a merger that was
 * killed. The same sweeps go on the other stage.
 */
async function bringToEnd(cast: Cast, faultFree: Stage): Promise<void> {
  const { stage } = cast
  const sweeps = await cast.sweeps()
  for (const sweep of sweeps) {
    await stage.operate('rerun', sweep.name)
    await sweep.grow()
    await sweep.submitTo(faultFree)
  }
  await Promise.all(sweeps.flatMap((sweep) => [newestOf(stage, sweep), newestOf(faultFree, sweep), sweep.settled()]))
}

function unlistedIn(stage: Stage): string[] {
  const listed = new Set([...crashPoints.map(({ name }) => name), ...Object.keys(notStoppedAt)])
  return [...stage.noted('unnamed'), ...stage.noted('reached').filter((point) => !listed.has(point))]
}

/** A store or a spool that fails while a service starts ends it, a drain ends it, and every other end is a kill. */
function unexplainedEnds({ services }: Stage, firings: readonly Firing[]): string[] {
  return Object.entries(services).flatMap(([name, some]) => {
    const failedStarts = firings.filter(
      ({ point, mode }) =>
        mode === 'reported as failed' &&
        point.name.startsWith(`${name}.`) &&
        /:probe$|rename:spooled$/.test(point.name),
    )
    const ends = some.flatMap((service) => service.ends)
    const failed = ends.filter((how) => how === 'ended with status 1').length
    const others = ends.filter((how) => how !== 'was ended by SIGKILL' && !/^ended with status [014]$/.test(how))
    const isTooMany = failed > failedStarts.length
    return [
      ...others.map((how) => `${name} ${how}`),
      ...(isTooMany ? [`${name} ended with status 1 ${failed} times`] : []),
    ]
  })
}
