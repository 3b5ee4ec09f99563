import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import { openRedisLedger } from '@windrow/common/ledger/redis-ledger.ts'
import { openStates, spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { jobIds, queueNames } from '@windrow/common/queue/jobs.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { planOfSpecification, type SweepPlan } from '@windrow/common/sweep/expand.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { Queue } from 'bullmq'
import { smallAxes, smallSpecification } from '../fixtures/small-sweep.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { until } from '../fixtures/until.ts'
import type { Stage } from './stage.ts'

/** No host is set aside but where that is what happens. */
export const policy = { attempts: 15, backoff: '50ms..10s', lock: '2s', bad_host: 'none' }

/** One of the two hosts of a stage fails when told so. */
export const badHost = 'bad'

/** What an optimizer does with a configuration while it is told so. */
export type Behaviour = 'fails' | `fails-on-${typeof badHost}` | 'corrupt' | 'waits'

/** An optimizer that is told what to do with a configuration, and has its result ready. */
export interface ToldOptimizer {
  /** For `--optimizers` on a host. */
  fileOn(host: string): string
  tell(key: string, behaviour: Behaviour): void
  /** It runs well again. */
  untell(key: string, behaviour: Behaviour): void
  /** They all do. */
  untellAll(): void
  hold(key: string, result: Uint8Array): void
}

export async function toldOptimizer(): Promise<ToldOptimizer> {
  const folder = await temporaryFolder()
  const script = fileURLToPath(new URL('./told-optimizer.sh', import.meta.url))
  const told = new Set<string>()
  return {
    fileOn(host) {
      const file = join(folder, `optimizers-on-${host}.yaml`)
      writeFileSync(file, JSON.stringify({ told: { command: ['/bin/sh', script, folder, host] } }))
      return file
    },
    tell(key, behaviour) {
      told.add(`${key}.${behaviour}`)
      writeFileSync(join(folder, `${key}.${behaviour}`), '')
    },
    untellAll: () => {
      for (const name of told) rmSync(join(folder, name), { force: true })
    },
    untell: (key, behaviour) => rmSync(join(folder, `${key}.${behaviour}`), { force: true }),
    hold: (key, result) => writeFileSync(join(folder, `${key}.h5`), result),
  }
}

/** A sweep to which configurations are added. */
export interface GrowingSweep {
  readonly name: string
  readonly ledger: Ledger
  readonly keys: readonly string[]
  /** Adds a configuration and returns its key; its optimizer is told how to behave before it can run. */
  grow(behaviour?: Behaviour): Promise<string>
  /** Adds several at once. */
  growBy(count: number, behaviour?: Behaviour): Promise<readonly string[]>
  /** Submits it as it is by now, to whichever stage. */
  submitTo(stage: Stage): Promise<void>
  /** The result of a configuration, as every optimizer leaves it. */
  resultOf(key: string): Promise<Uint8Array>
  settled(): Promise<void>
}

export interface SweepOptions {
  readonly policy?: Record<string, unknown>
  readonly layout?: 'keyed' | 'stacked'
}

export function growingSweep(
  name: string,
  { stage, optimizer }: { stage: Stage; optimizer: ToldOptimizer },
  { policy: own = {}, layout = 'keyed' }: SweepOptions = {},
): GrowingSweep {
  const keys: string[] = []
  const ledger = openRedisLedger(stage.redis, name)
  const path = join(stage.folder, 'specifications', `${name}.yaml`)
  mkdirSync(join(stage.folder, 'specifications'), { recursive: true })
  const write = () =>
    writeFileSync(
      path,
      JSON.stringify({
        ...smallSpecification({ name, key: `${name}_s{seed}`, policy: { ...policy, ...own }, merge: { layout } }),
        axes: { ...smallAxes(`0..${keys.length - 1}`), farm: [square] },
        optimizer: { name: 'told', grid_size: 10, random_pct: 30, spacing_diameters: 3 },
      }),
    )
  const plan = async () => planOfSpecification(await readSpecification(path, { optimizers: ['told'] }))
  const submitTo = async (to: Stage) => {
    const { status, stderr } = await to.operate('submit', path, '--optimizers', optimizer.fileOn('desk'))
    if (status !== 0) throw new Error(`cannot submit ${name}: ${stderr}`)
  }
  const resultOfKey = async (key: string) => await resultIn(await plan(), key)
  const growBy = async (count: number, behaviour?: Behaviour) => {
    const added = Array.from({ length: count }, (_, n) => `${name}_s${keys.length + n}`)
    keys.push(...added)
    write()
    for (const key of added) {
      optimizer.hold(key, await resultOfKey(key))
      if (behaviour) optimizer.tell(key, behaviour)
    }
    await submitTo(stage)
    return added
  }
  return {
    name,
    ledger,
    keys,
    resultOf: resultOfKey,
    submitTo,
    grow: async (behaviour) => (await growBy(1, behaviour))[0]!,
    growBy,
    async settled() {
      const isSettled = async () => {
        const summary = await ledger.summary()
        return summary?.total === keys.length && openStates.every((state) => summary.counts[state] === 0)
      }
      try {
        await until(isSettled)
      } catch (cause) {
        throw new Error(`${name} is not settled: ${(await describeOpen(name, { ledger, keys, stage })).join('; ')}`, {
          cause,
        })
      }
    },
  }
}

/** How every configuration stands that is open, and its job. */
async function describeOpen(
  name: string,
  { ledger, keys, stage }: Pick<GrowingSweep, 'ledger' | 'keys'> & { readonly stage: Stage },
): Promise<string[]> {
  const queue = new Queue(queueNames.sweep(name), { connection: stage.redis })
  const holders = await ledger.running()
  const described = [...(await ledger.cells()).entries()].map(async ([index, cell]) => {
    const state = stateOfCell(cell)
    if (!openStates.includes(state)) return []
    const job = await queue.getJob(jobIds.configuration(keys[index]!))
    const holder = JSON.stringify(holders.find((running) => running.index === index))
    return [
      `${keys[index]} ${state} with ${spentOfCell(cell)} spent, held by ${holder}, its job ${await job?.getState()}`,
    ]
  })
  const open = (await Promise.all(described)).flat()
  await queue.close()
  return [`${(await ledger.summary())?.total} of ${keys.length} in the ledger`, ...open]
}

const square = { farm_idx: 0, name: 'square', x: [0, 4000, 4000, 0], y: [0, 0, 4000, 4000] }

async function resultIn(plan: SweepPlan, key: string): Promise<Uint8Array> {
  const index = plan.indexOf(key)!
  const problem = problemOf(plan.at(index), plan.specification)
  const layout = optimize({ ...problem, optimizer: { ...problem.optimizer, name: 'smart-start' } })
  return await encodeResult(resultOf(problem, plan.digestAt(index), layout))
}
