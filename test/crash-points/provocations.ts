import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { recordAction } from '@windrow/common/accounting/actions.ts'
import { wakeProducers } from '@windrow/common/ledger/wake.ts'
import { openBullmqMerges } from '@windrow/common/queue/bullmq-merges.ts'
import { jobIds, queueNames } from '@windrow/common/queue/jobs.ts'
import type { Action } from '@windrow/common/records/action.ts'
import { names } from '@windrow/common/store/names.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { Queue } from 'bullmq'
import { deleteSweep } from '../../apps/cli/deleting/delete-sweep.ts'
import { until } from '../fixtures/until.ts'
import type { Cast, RoleName } from './cast.ts'
import type { KeptService } from './kept-service.ts'
import type { CrashingService, Stage } from './stage.ts'
import { type Behaviour, badHost, type GrowingSweep } from './sweeps.ts'

/** Makes a service come to a point. What it returns sets right what would be in the way of others. */
type Provocation = (cast: Cast, service: CrashingService) => Promise<(() => void | Promise<void>) | undefined | void>

const grownTold = async ({ optimizer, play }: Cast, role: RoleName, behaviour: Behaviour) => {
  const key = await (await play(role)).grow(behaviour)
  return { key, calm: () => optimizer.untell(key, behaviour) }
}

const growPlain = async ({ play }: Cast, service: CrashingService) =>
  void (await (await play(`plain-${service}`)).grow())

export const provocations = {
  more: growPlain,
  stacked: async ({ play }) => void (await (await play('stacked')).grow()),
  restart: async ({ stage }, service) => anyOf(stage.services[service]).kill(),

  fails: async (cast) => (await grownTold(cast, 'retrying', 'fails')).calm,
  dies: async (cast) => (await grownTold(cast, 'mortal', 'fails')).calm,
  corrupts: async (cast) => (await grownTold(cast, 'mortal', 'corrupt')).calm,
  retried: async (cast) => {
    const { key, calm } = await grownTold(cast, 'mortal', 'fails')
    await (await cast.play('mortal')).settled()
    calm()
    await withQueue(cast.stage, queueNames.sweep('mortal'), async (queue) => {
      const job = await queue.getJob(jobIds.configuration(key))
      if (await job?.isFailed()) await job!.retry()
    })
  },
  waits: async (cast) => (await grownTold(cast, 'waiting', 'waits')).calm,
  drained: async (cast) => {
    const { key, calm } = await grownTold(cast, 'waiting', 'waits')
    ;(await workerOf(cast, key)).askToDrain()
    return calm
  },
  lost: async (cast) => {
    const { key, calm } = await grownTold(cast, 'waiting', 'waits')
    const worker = await workerOf(cast, key)
    calm()
    worker.kill()
  },
  storeAway: async (cast) => {
    cast.stage.arm('worker.store.create:commit', 'reported as failed')
    await growPlain(cast, 'worker')
  },
  damagedSpool: async ({ stage }) => {
    for (const [n, worker] of stage.services.worker.entries()) {
      await mkdir(join(stage.folder, `spool-${n}`), { recursive: true })
      await writeFile(join(stage.folder, `spool-${n}`, 'cut-short.spooled'), 'no result')
      worker.kill()
    }
  },

  gone: async ({ stage, play }) => {
    const gone = await play('gone')
    await gone.settled()
    await rm(await commitPath(stage, gone), { force: true })
    await wakeProducers(stage.redis, 'gone')
  },
  damaged: async ({ stage, play }) => {
    const damaged = await play('damaged')
    await damaged.settled()
    const path = await commitPath(stage, damaged)
    const bytes = await readFile(path)
    bytes[bytes.length - 1]! ^= 1
    await writeFile(path, bytes)
    await askForMerge(stage, damaged)
  },
  unheard: async ({ stage, play }) => {
    const held = await play('held')
    await commitUnheard(stage, held)
    await wakeProducers(stage.redis, 'held')
  },
  unheardByMerger: async ({ stage, play }) => {
    const held = await play('held')
    await commitUnheard(stage, held)
    await askForMerge(stage, held)
  },
  unwanted: async ({ stage, play }) => {
    const held = await play('held')
    const { key, index } = await heldConfiguration(held)
    await act(stage, { sweep: 'held', action: 'cancel', selector: [`key=${key}`], configurations: [[index, index]] })
  },
  wantedAgain: async ({ stage, play }) => {
    const held = await play('held')
    const { key, index } = await heldConfiguration(held)
    await stage.operate('cancel', 'held', `key=${key}`)
    await act(stage, { sweep: 'held', action: 'rerun', selector: [`key=${key}`], configurations: [[index, index]] })
  },
  silent: async ({ stage, play }) => {
    const jobless = await play('jobless')
    const { key, index } = await heldConfiguration(jobless)
    const hourAgo = Date.now() - 3_600_000
    const ghost = { attempt: systemRandomness.id(), worker: 'ghost/1' }
    await jobless.ledger.begin({ index, ...ghost, budget: 15, now: hourAgo })
    await removeJob(stage, key)
    await wakeProducers(stage.redis, 'jobless')
  },
  jobless: async ({ stage, play }) => {
    const jobless = await play('jobless')
    const { key } = await heldConfiguration(jobless)
    await removeJob(stage, key)
  },
  paused: async ({ stage, play }) => {
    const pausing = await play('pausing')
    await setPaused(stage, pausing, false)
    await act(stage, { sweep: 'pausing', action: 'pause', selector: [] })
  },
  resumed: async ({ stage, play }) => {
    const pausing = await play('pausing')
    await setPaused(stage, pausing, true)
    await act(stage, { sweep: 'pausing', action: 'resume', selector: [] })
  },
  emptied: async ({ stage, play }) => {
    const emptied = await play('emptied')
    // What runs then and is lost as well is known to nobody: only the ledger names attempts that are under way.
    await emptied.settled()
    await emptied.ledger.remove()
    await wakeProducers(stage.redis, 'emptied')
  },
  reborn: async ({ stage, play }) => {
    const reborn = await play('reborn')
    await reborn.settled()
    await deleteSweep({ store: stage.store, forget: undefined }, 'reborn')
    await reborn.submitTo(stage)
  },
  /** What failed on the bad host is open when that is set aside ... */
  spared: async (cast) => (await failOnBadHost(cast, await cast.play('spared'))).calm,
  /** ... or has been given up. */
  blamed: async (cast) => (await failOnBadHost(cast, await cast.play('blamed'))).calm,
  takenIn: async (cast) => {
    const spared = await cast.play('spared')
    let told = await failOnBadHost(cast, spared)
    let looks = 0
    await until(async () => {
      if (await hasSetAside(spared)) return true
      // Others may have been quicker.
      if (++looks % 100 === 0) {
        told.calm()
        told = await failOnBadHost(cast, spared)
      }
      return false
    })
    told.calm()
    await cast.stage.operate('resume', 'spared')
  },
  hopeless: async ({ stage, play }) => {
    await stage.operate('resume', 'hopeless')
    await (await play('hopeless')).growBy(3, 'fails')
  },
  broken: async ({ stage }) => {
    await stage.store.create(names.manifest('broken', 0), Buffer.from('no manifest'))
    return () => stage.store.remove(names.manifest('broken', 0))
  },

  mergeFails: async (cast) => {
    cast.stage.arm('merger.store.createFromFile:certificate', 'reported as failed')
    await growPlain(cast, 'merger')
  },
  forged: async ({ stage }) =>
    void (await withQueue(stage, queueNames.merges, (queue) => queue.add('merge', { sweep: '../elsewhere' }))),
  drainedMerger: async (cast) => {
    const { stage } = cast
    const takes = 'merger.jobs.moveToActive'
    stage.arm(takes, 'answered late')
    await growPlain(cast, 'merger')
    await until(() => stage.hasFired(takes, 'answered late'))
    const merger = stage.services.merger[0]!
    const drains = merger.log().split('"draining"').length
    merger.askToDrain()
    await until(() => merger.log().split('"draining"').length > drains)
    stage.letGo(takes)
  },
  lostMerger: async (cast) => {
    const { stage } = cast
    const publishes = 'merger.store.create:generation'
    stage.arm(publishes, 'killed before')
    await growPlain(cast, 'merger')
    await until(() => !stage.isArmed(publishes))
    // As the end of the locks would: a minute is long for a test.
    for (let looks = 0; looks < 2; looks++) {
      const locks = await stage.redis.keys('bull:windrow-merges:*lock')
      await stage.redis.del('bull:windrow-merges:stalled-check', ...locks)
      await stage.services.merger[0]!.renew()
      await until(async () => (await stage.redis.exists('bull:windrow-merges:stalled-check')) === 1)
    }
  },
} satisfies Record<string, Provocation>

export type ProvocationName = keyof typeof provocations

/** Brings a service to a point. */
export const provoke = (by: ProvocationName): Provocation => provocations[by]

const anyOf = <Item>(items: readonly Item[]): Item => items[Math.floor(Math.random() * items.length)]!

async function withQueue<Answer>(stage: Stage, name: string, use: (queue: Queue) => Promise<Answer>): Promise<Answer> {
  const queue = new Queue(name, { connection: stage.redis })
  try {
    return await use(queue)
  } finally {
    await queue.close()
  }
}

/** The worker that runs a configuration, once one does. */
async function workerOf({ stage, play }: Cast, key: string): Promise<KeptService> {
  const waiting = await play('waiting')
  let found: KeptService | undefined
  await until(async () => {
    const summary = await waiting.ledger.summary()
    if (!summary || summary.total < waiting.keys.length) return false
    const running = (await waiting.ledger.running()).find(({ index }) => waiting.keys[index] === key)
    found = stage.services.worker.find(({ pid }) => running?.worker.endsWith(`/${pid}`))
    return found !== undefined
  })
  return found!
}

/** A new configuration of the sweep that is paused, once ledger and queue have it. */
async function heldConfiguration(held: GrowingSweep): Promise<{ key: string; index: number }> {
  const key = await held.grow()
  await until(async () => (await held.ledger.summary())?.total === held.keys.length)
  return { key, index: held.keys.length - 1 }
}

/** Makes one host fail at what the other does well. It takes jobs again, if it was set aside. */
async function failOnBadHost({ stage, optimizer }: Cast, sweep: GrowingSweep): Promise<{ calm: () => void }> {
  await stage.operate('resume', sweep.name)
  await until(async () => !(await hasSetAside(sweep)))
  const keys = await sweep.growBy(8, 'fails-on-bad')
  return {
    calm() {
      for (const key of keys) optimizer.untell(key, 'fails-on-bad')
    },
  }
}

async function hasSetAside({ ledger }: GrowingSweep): Promise<boolean> {
  return (await ledger.summary()) !== undefined && (await ledger.isSetAside(badHost))
}

async function removeJob(stage: Stage, key: string): Promise<void> {
  await withQueue(stage, queueNames.sweep('jobless'), async (queue) => {
    await until(async () => (await queue.remove(jobIds.configuration(key))) === 1)
  })
}

/** As a worker that was lost between its commit and its settlement. */
async function commitUnheard(stage: Stage, held: GrowingSweep): Promise<void> {
  const { key } = await heldConfiguration(held)
  await stage.store.create(names.result('held', key, 0), await held.resultOf(key))
}

let asked = 1_000_000

/** A request of its own each time: the one before may be held by a merger that was killed. */
async function askForMerge(stage: Stage, { name, ledger }: GrowingSweep): Promise<void> {
  const merges = openBullmqMerges(stage.redis, { onError: () => undefined })
  const summary = await ledger.summary()
  await merges.ask({ sweep: name, revision: (summary?.revision ?? 0) + ++asked })
  await merges.close()
}

/** As an operator whose command was lost after the record. */
async function act(stage: Stage, action: Omit<Action, 'schema' | 'at' | 'by'>): Promise<void> {
  await recordAction(stage.store, { ...action, by: 'tester' }, { now: Date.now(), id: systemRandomness.id() })
  await wakeProducers(stage.redis, action.sweep)
}

async function setPaused(stage: Stage, { name }: GrowingSweep, paused: boolean): Promise<void> {
  await act(stage, { sweep: name, action: paused ? 'pause' : 'resume', selector: [] })
  await withQueue(stage, queueNames.sweep(name), (queue) => until(async () => (await queue.isPaused()) === paused))
}

/** Where the file store keeps the newest commit of the sweep. */
async function commitPath({ store }: Stage, sweep: GrowingSweep): Promise<string> {
  const index = sweep.keys.length - 1
  const epoch = (await sweep.ledger.epochs()).get(index) ?? 0
  return join(fileURLToPath(store.url), names.result(sweep.name, sweep.keys[index]!, epoch))
}
