import type { CrashingService, Stage } from './stage.ts'
import { type GrowingSweep, growingSweep, type ToldOptimizer } from './sweeps.ts'

/** The sweeps on a stage, each for what happens to it. */
export interface Cast {
  readonly stage: Stage
  readonly optimizer: ToldOptimizer
  /** Runs without a fault but those at the points; one for each service that is stopped. */
  readonly plain: Readonly<Record<CrashingService, GrowingSweep>>
  readonly stacked: GrowingSweep
  /** Its attempts fail before they succeed. */
  readonly retrying: GrowingSweep
  /** Has one attempt only. */
  readonly mortal: GrowingSweep
  /** Its optimizers wait. */
  readonly waiting: GrowingSweep
  /** Its commits are taken out of the store. */
  readonly gone: GrowingSweep
  /** Its commits are damaged. */
  readonly damaged: GrowingSweep
  /** Redis forgets it. */
  readonly emptied: GrowingSweep
  /** Is deleted, and submitted again under its name. */
  readonly reborn: GrowingSweep
  /** Is paused all the time. */
  readonly held: GrowingSweep
  /** Is paused all the time, too, and its jobs are taken away: nothing else there may make up for one in number. */
  readonly jobless: GrowingSweep
  /** Is paused and goes on. */
  readonly pausing: GrowingSweep
}

export async function castFor(stage: Stage, optimizer: ToldOptimizer): Promise<Cast> {
  const sweep = (name: string, options?: Parameters<typeof growingSweep>[2]) =>
    growingSweep(name, { stage, optimizer }, options)
  const cast: Cast = {
    ...{ stage, optimizer },
    plain: { producer: sweep('plain-p'), worker: sweep('plain-w'), merger: sweep('plain-m') },
    stacked: sweep('stacked', { layout: 'stacked' }),
    retrying: sweep('retrying'),
    mortal: sweep('mortal', { policy: { attempts: 1 } }),
    waiting: sweep('waiting'),
    gone: sweep('gone'),
    damaged: sweep('damaged'),
    emptied: sweep('emptied'),
    reborn: sweep('reborn'),
    held: sweep('held'),
    jobless: sweep('jobless'),
    pausing: sweep('pausing'),
  }
  for (const one of [cast.gone, cast.damaged, cast.emptied, cast.reborn, cast.held, cast.jobless, cast.pausing])
    await one.grow()
  for (const name of ['held', 'jobless']) await stage.operate('pause', name)
  return cast
}

/** Every sweep of the cast. */
export function sweepsOf({ plain, stage: _stage, optimizer: _optimizer, ...others }: Cast): readonly GrowingSweep[] {
  return [...Object.values(plain), ...Object.values(others)]
}
