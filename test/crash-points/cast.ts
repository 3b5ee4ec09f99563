import type { Stage } from './stage.ts'
import { type GrowingSweep, growingSweep, type SweepOptions, type ToldOptimizer } from './sweeps.ts'

interface Role extends SweepOptions {
  /** Otherwise it begins when something happens to it. */
  readonly begins?: 'with one' | 'paused'
}

/** A host that fails there is set aside after two configurations. */
const judged = { bad_host: 2, backoff: '3s..4s' }

/** The sweeps, each for what happens to it. */
const roles = {
  /** Run without a fault but those at the points; one for each service that is stopped. */
  'plain-producer': {},
  'plain-worker': {},
  'plain-merger': {},
  stacked: { layout: 'stacked' },
  /** Its attempts fail before they succeed. */
  retrying: {},
  /** Has one attempt only. */
  mortal: { policy: { attempts: 1 } },
  /** Its optimizers wait. */
  waiting: {},
  /** Its commits are taken out of the store. */
  gone: { begins: 'with one' },
  /** Its commits are damaged. */
  damaged: { begins: 'with one' },
  /** Redis forgets it. */
  emptied: { begins: 'with one' },
  /** Is deleted, and submitted again under its name. */
  reborn: { begins: 'with one' },
  /** Is paused all the time. */
  held: { begins: 'paused' },
  /** Is paused all the time, too, and its jobs are taken away: nothing else there may make up for one in number. */
  jobless: { begins: 'paused' },
  /** Is paused and goes on. */
  pausing: { begins: 'with one' },
  /** A host fails there, and what failed is still open when that host is set aside. */
  spared: { policy: judged },
  /** A host fails there, and what failed has been given up by then. */
  blamed: { policy: { ...judged, attempts: 1 } },
  /** Everything fails alike until the end: it pauses itself. */
  hopeless: { policy: { backoff: '50ms..60ms' } },
} as const satisfies Readonly<Record<string, Role>>

export type RoleName = keyof typeof roles

/** Of a sweep: it may be paused by now, or not have all its hosts. */
export function isHeldBack(name: string): boolean {
  return ['held', 'jobless', 'pausing', 'spared', 'blamed', 'hopeless'].includes(name)
}

/** The sweeps on a stage; one that nobody asks for is not there. */
export interface Cast {
  readonly stage: Stage
  readonly optimizer: ToldOptimizer
  /** The sweep that has this role; it begins when it is first asked for. */
  play(role: RoleName): Promise<GrowingSweep>
  /** Those that have begun. */
  sweeps(): Promise<readonly GrowingSweep[]>
}

export function castFor(stage: Stage, optimizer: ToldOptimizer): Cast {
  const begun = new Map<RoleName, Promise<GrowingSweep>>()
  const begin = async (name: RoleName) => {
    const { begins, ...options }: Role = roles[name]
    const sweep = growingSweep(name, { stage, optimizer }, options)
    if (begins) await sweep.grow()
    if (begins === 'paused') await stage.operate('pause', name)
    return sweep
  }
  return {
    ...{ stage, optimizer },
    play(role) {
      const sweep = begun.get(role) ?? begin(role)
      begun.set(role, sweep)
      return sweep
    },
    sweeps: () => Promise.all(begun.values()),
  }
}
