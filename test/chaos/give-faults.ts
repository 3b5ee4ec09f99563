import type { PlannedFault } from './doses.ts'
import { fillDisk, isOfOptimizer, layTicket, runBadHost } from './faults/host-faults.ts'
import type { MergerFaults } from './faults/merger-faults.ts'
import { type Operator, pauseAndResume, rerunResult } from './faults/operator.ts'
import { freezeWorker, killProducer, killWorker, terminateWorker } from './faults/process-faults.ts'
import { cutRedis, emptyRedis, fillRedis, killRedis, rewindRedis } from './faults/redis-faults.ts'
import { damageCommit } from './faults/store-faults.ts'
import type { Field } from './field.ts'
import { awaited, pause } from './pause.ts'
import type { PlannedDose } from './schedule.ts'

export interface Giving {
  readonly field: Field
  readonly mergers: MergerFaults
  readonly operator: Operator
  readonly signal: AbortSignal
}

/** Of these one after the other: each needs what another one takes away, or two at once would be one. */
const queues: Partial<Record<PlannedFault, string>> = {
  'Redis killed': 'Redis',
  'Redis emptied': 'Redis',
  'Redis without its last second': 'Redis',
  'Redis full': 'Redis',
  'merger killed': 'merger',
  'three mergers at once': 'merger',
  'operator pauses and resumes': 'operator',
  'operator reruns a result': 'operator',
  'disk full': 'disk',
  'producer killed': 'producer',
}

const lookEveryMs = 50
/** When nothing has come to its end for so long, the next fault comes all the same. */
const standstillMs = 15_000

/** Gives every planned dose when the sweep has come so far, and waits until each has run its course. */
export async function giveFaults(planned: readonly PlannedDose[], giving: Giving): Promise<void> {
  const { field, signal } = giving
  const lines = new Map<string, Promise<void>>()
  const given: Promise<void>[] = []
  let progress = -1
  let progressedAt = performance.now()
  for (const dose of planned) {
    await awaited(
      () => {
        if (field.watch.progress > progress) progressedAt = performance.now()
        progress = field.watch.progress
        return progress >= dose.at || performance.now() - progressedAt > standstillMs
      },
      { forMs: Number.POSITIVE_INFINITY, signal },
    )
    if (signal.aborted) break
    progressedAt = performance.now()
    const line = queues[dose.fault]
    const act = () => give(dose, giving).catch((error: unknown) => noteFailure(field, dose, error))
    const acting = line === undefined ? act() : (lines.get(line) ?? Promise.resolve()).then(act)
    if (line !== undefined) lines.set(line, acting)
    given.push(acting)
    await pause(lookEveryMs, signal)
  }
  await Promise.all(given)
}

function noteFailure({ journal }: Field, dose: PlannedDose, error: unknown): void {
  journal.note('a fault could not be given', { ...dose, error: String(error) })
}

/** Keys whose commit somebody has laid hands on: once is enough, to tell the causes apart. */
const touched = new WeakMap<Field, Set<string>>()

async function give({ fault, nth }: PlannedDose, giving: Giving): Promise<void> {
  const { field, mergers, operator, signal } = giving
  if (isOfOptimizer(fault)) return await layTicket(field, { fault, nth, signal })
  switch (fault) {
    case 'worker killed':
      return await killWorker(field, signal)
    case 'worker terminated':
      return await terminateWorker(field, signal)
    case 'worker frozen past its lock':
      return await freezeWorker(field, signal)
    case 'producer killed':
      return await killProducer(field, signal)
    case 'merger killed':
      return await mergers.kill(nth, signal)
    case 'three mergers at once':
      return await mergers.race(signal)
    case 'disk full':
      return await fillDisk(field, signal)
    case 'host on which everything fails':
      return await runBadHost(field, signal)
    case 'commit damaged': {
      const commit = await chooseCommit(field, signal)
      if (!commit) return
      await damageCommit(field, field.chance, commit.name)
      return await mergers.ask()
    }
    case 'Redis killed':
      return await killRedis(field, signal)
    case 'Redis emptied':
      return await emptyRedis(field)
    case 'Redis without its last second':
      return await rewindRedis(field, signal)
    case 'Redis full':
      return await fillRedis(field, signal)
    case 'Redis connections cut':
      return await cutRedis(field)
    case 'operator pauses and resumes':
      return await pauseAndResume(field, operator, signal)
    case 'operator reruns a result': {
      const commit = await chooseCommit(field, signal)
      return commit && (await rerunResult(field, { operator, key: commit.key, signal }))
    }
    default:
      throw new Error(`nobody gives the fault: ${fault}`)
  }
}

/** A commit of a first epoch that nothing was done to. */
async function chooseCommit(field: Field, signal: AbortSignal): Promise<{ name: string; key: string } | undefined> {
  const taken = touched.get(field) ?? new Set<string>()
  touched.set(field, taken)
  const choice = () =>
    [...field.watch.commits.keys()].flatMap((name) => {
      const key = /^results\/(.+)\.0\.h5$/.exec(name)?.[1]
      return key !== undefined && !taken.has(key) ? [{ name, key }] : []
    })
  if (!(await awaited(() => choice().length > 0, { forMs: 60_000, signal }))) return undefined
  const chosen = field.chance.pick(choice())
  taken.add(chosen.key)
  return chosen
}
