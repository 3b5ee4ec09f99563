import { createActionReader } from '@windrow/common/accounting/actions.ts'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { queueNames } from '@windrow/common/queue/jobs.ts'
import type { MemoryQueueConsumer } from '@windrow/common/queue/memory-queue.ts'
import type { QueueConsumer } from '@windrow/common/queue/queue.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { untraced } from '@windrow/common/tracing/tracer.ts'
import { answerMergeRequest, type MergeObserver } from '../../apps/merger/answer-merge-request.ts'
import { keepSweeps } from '../../apps/producer/keep-sweeps.ts'
import type { AttemptRunner } from '../../apps/worker/attempts/runner.ts'
import { createSetAsideWatch } from '../../apps/worker/slots/set-aside.ts'
import { followSweeps } from '../../apps/worker/slots/subscriptions.ts'
import { emptySpool } from '../../apps/worker/spooling/empty-spool.ts'
import type { AttemptObserver } from '../../apps/worker/steps/attempt-observer.ts'
import { beat } from '../../apps/worker/steps/beat.ts'
import { createOutageGate } from '../../apps/worker/steps/outage-gate.ts'
import { DrainingError } from '../../apps/worker/steps/patience.ts'
import type { WorkerPorts } from '../../apps/worker/steps/ports.ts'
import { runConfiguration } from '../../apps/worker/steps/run-configuration.ts'
import { createRunningSet } from '../../apps/worker/steps/running-set.ts'
import type { Chance } from './chance.ts'
import {
  activeThrough,
  consumerThrough,
  ledgerThrough,
  mergesThrough,
  spoolThrough,
  storeThrough,
  validatorThrough,
} from './neighbours.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import { lockMs, type World } from './world.ts'

export const beatMs = 400
export const producerEveryMs = 800
export const slots = 2

/** A service of the simulation, wired as its main.ts wires it, with a process between it and all its neighbours. */
export interface SimulatedService {
  readonly process: SimulatedProcess
  kill(): void
  /** Stands still for longer than its locks last. */
  freeze(thaw: Promise<void>): void
}

export interface ServiceParts {
  readonly world: World
  readonly process: SimulatedProcess
  readonly chance: Chance
  readonly plan: SweepPlan
  readonly validator: Validator
  readonly runnerOf: (process: SimulatedProcess) => AttemptRunner
  /** A real folder for the merger's files. */
  readonly scratch: string
  /** Hears of what no simulated fault explains. */
  readonly onSurprise: (error: unknown) => void
}

export function startWorker(parts: ServiceParts, host: string): SimulatedService {
  const {
    world,
    process,
    plan: { sweep },
  } = parts
  const clock = process.clock()
  const store = storeThrough(parts)
  const ledger = ledgerThrough(parts)
  const reader = createSweepReader(store)
  const running = createRunningSet()
  const consumers: MemoryQueueConsumer[] = []
  const ports: WorkerPorts = {
    sweepOf: async (name, manifest) => {
      const { plan, policy } = await reader.read(name, manifest)
      return { plan, policy, ledger }
    },
    store,
    validator: validatorThrough(parts),
    runner: parts.runnerOf(process),
    spool: spoolThrough(parts, world.spoolOf(host)),
    merges: mergesThrough(parts),
    wake: async () => undefined,
    observer: deaf,
    tracer: untraced,
    gate: createOutageGate(() => undefined),
    clock,
    randomness: randomnessOf(parts),
    logger: silentLogger(),
    host,
    worker: process.name,
  }
  const openConsumer = async (name: string): Promise<QueueConsumer> => {
    await reader.readNewest(name)
    const consumer = world.queues.consume({
      queue: queueNames.sweep(name),
      concurrency: 0,
      lockDurationMs: lockMs,
      process: (job, signal) => runConfiguration({ ...job, sweep: name }, { ...ports, running }, signal),
      onError: (error) => surprise(parts, error),
    })
    consumers.push(consumer)
    return consumerThrough(process, consumer)
  }
  const work = async () => {
    try {
      await emptySpool(ports, process.shutdown.signal)
      await followSweeps(
        {
          slots,
          active: activeThrough(parts),
          only: sweep,
          optimizers: new Set(['smart-start']),
          gate: ports.gate,
          clock,
          logger: ports.logger,
          everyMs: 300,
          openConsumer,
          setAsideIn: createSetAsideWatch({ host, ledgerOf: () => ledger, onChange: () => undefined }),
          onLook: () => undefined,
        },
        process.shutdown.signal,
      )
    } catch (error) {
      if (!(error instanceof DrainingError)) surprise(parts, error)
    }
  }
  const beats = async () => {
    while (!process.shutdown.signal.aborted) {
      await clock.sleep(beatMs)
      await beat(ports, running)
    }
  }
  launch(parts, [work, beats])
  return serviceOf(parts, consumers, () => beat(ports, running))
}

export function startProducer(parts: ServiceParts): SimulatedService {
  const {
    world,
    process,
    plan: { sweep },
  } = parts
  const clock = process.clock()
  const store = storeThrough(parts)
  const ledger = ledgerThrough(parts)
  const reader = createSweepReader(store)
  const queue = world.queues.configurations(sweep)
  const ask = <T>(what: string, effect: () => Promise<T>) => process.call('redis', what, effect)
  let { returns } = world
  const keep = () =>
    keepSweeps(
      {
        sweeps: [sweep],
        everyMs: producerEveryMs,
        openSweep: async (name) => ({
          ...(await reader.readNewest(name)),
          ledger,
          queue: {
            add: (jobs, priority) => ask('add', () => queue.add(jobs, priority)),
            counts: () => ask('counts', () => queue.counts()),
            withoutOpenJob: (keys) => ask('withoutOpenJob', () => queue.withoutOpenJob(keys)),
            ensure: (jobs, priority) => ask('ensure', () => queue.ensure(jobs, priority)),
            isPaused: () => ask('isPaused', () => queue.isPaused()),
            setPaused: (paused) => ask('setPaused', () => queue.setPaused(paused)),
            remove: () => ask('remove queue', () => queue.remove()),
            close: async () => undefined,
          },
        }),
        onListing: async () => undefined,
        onPass: async () => undefined,
        onFailure: async () => undefined,
        pause: async (ms) => {
          await clock.sleep(ms, process.shutdown.signal)
          const wasAway = world.returns > returns
          returns = world.returns
          return wasAway ? { has: () => true } : new Set()
        },
      },
      {
        store,
        readActions: createActionReader(store).read,
        merges: mergesThrough(parts),
        active: activeThrough(parts),
        clock,
        randomness: randomnessOf(parts),
        logger: silentLogger(),
        beatMs,
        maxOpenJobs: 100,
        alone: false,
      },
      process.shutdown.signal,
    )
  launch(parts, [keep])
  return serviceOf(parts, [])
}

export function startMerger(parts: ServiceParts): SimulatedService {
  const { world, process } = parts
  const store = storeThrough(parts)
  const ledger = ledgerThrough(parts)
  const reader = createSweepReader(store)
  const ports = {
    store,
    validator: validatorThrough(parts),
    clock: process.clock(),
    logger: silentLogger(),
    host: 'host',
    merger: process.name,
    scratch: parts.scratch,
    wake: async () => undefined,
  }
  const consumer = world.queues.consume({
    queue: queueNames.merges,
    concurrency: 1,
    lockDurationMs: lockMs,
    process: (job, signal) =>
      answerMergeRequest(
        job,
        { reader, ledgerOf: () => ledger, ports, tracer: untraced, observer: deafToMerges, onTrouble: () => undefined },
        signal,
      ),
    onError: (error) => surprise(parts, error),
  })
  return serviceOf(parts, [consumer])
}

const deaf: AttemptObserver = {
  ended: () => undefined,
  lost: () => undefined,
  refused: () => undefined,
  commitBegins: () => () => undefined,
  died: () => undefined,
}
const deafToMerges: MergeObserver = { mergeBegins: () => () => undefined, published: () => undefined }

function serviceOf(
  { process }: ServiceParts,
  consumers: readonly MemoryQueueConsumer[],
  onThaw: () => Promise<void> = async () => undefined,
): SimulatedService {
  return {
    process,
    kill() {
      process.kill()
      for (const consumer of consumers) consumer.kill()
    },
    freeze(thaw) {
      process.freeze(thaw)
      const thaws = consumers.map((consumer) => consumer.freeze())
      void thaw.then(async () => {
        for (const goOn of thaws) goOn()
        if (process.isAlive) await onThaw()
      })
    },
  }
}

function launch(parts: ServiceParts, loops: readonly (() => Promise<void>)[]): void {
  for (const loop of loops) loop().catch((error: unknown) => surprise(parts, error))
}

/** What code does that runs in a process that has died is no surprise. */
function surprise({ process, onSurprise }: ServiceParts, error: unknown): void {
  if (process.isAlive) onSurprise(error)
}

function randomnessOf({ chance }: ServiceParts) {
  const digits = () =>
    chance
      .below(2 ** 16)
      .toString(16)
      .padStart(4, '0')
  return { id: () => digits() + digits() + digits() + digits(), uniform: () => chance.uniform() }
}
