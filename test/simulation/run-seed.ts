import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AttemptRunner } from '../../apps/worker/attempts/runner.ts'
import { type Chance, chanceOf } from './chance.ts'
import { type FaultPlan, planFaults } from './fault-plan.ts'
import { type Violation, violations } from './invariants.ts'
import { Scheduler } from './scheduler.ts'
import {
  beatMs,
  producerEveryMs,
  type ServiceParts,
  type SimulatedService,
  slots,
  startMerger,
  startProducer,
  startWorker,
} from './services.ts'
import { SimulatedProcess } from './simulated-process.ts'
import type { Study } from './study.ts'
import { createWorld, lockMs, type World } from './world.ts'

export interface SeedReport {
  readonly seed: number
  readonly violations: readonly Violation[]
  /** What befell the run, in order. */
  readonly faults: readonly string[]
  readonly merged: number
  readonly dead: number
}

const start = Date.UTC(2026, 0, 1)
/** Longer than what was under way when everything was settled for the first time. */
const lateMs = 10_000
const attemptMs = { from: 50, to: 1_500 }
/** So long nothing but the policy's own failures happens, once everything runs again. */
const patienceMs = (configurations: number, attempts: number, workers: number, backoffMs: number) =>
  2 * lockMs +
  backoffMs +
  2 * beatMs +
  3 * producerEveryMs +
  Math.ceil(configurations / (workers * slots)) * attempts * 2 * attemptMs.to

/** One run of the whole pipeline in memory, in virtual time, with the faults that the seed draws. */
export async function runSeed(
  seed: number,
  study: Study,
  { scratch, onCall }: { scratch: string; onCall?: ((line: string) => void) | undefined },
): Promise<SeedReport> {
  const chance = chanceOf(seed)
  const scheduler = new Scheduler(start)
  const { plan, policy } = study.submitted
  const world = createWorld(plan.sweep, scheduler)
  await study.submit(world.store)
  const faults = planFaults(chance, start)
  const report: string[] = []
  const surprises: unknown[] = []
  const cluster = createCluster({
    world,
    chance,
    study,
    faults,
    report,
    surprises,
    onCall,
    scratch: join(scratch, `seed-${seed}`),
  })
  for (const { at, name, act } of faults.events) {
    scheduler.after(at - start, () => {
      report.push(`${Math.round(at - start)} ms: ${name}`)
      onCall?.(report.at(-1)!)
      act({ world, cluster, chance, sweep: plan.sweep })
    })
  }
  await scheduler.run(() => false, faults.over)
  cluster.heal()
  const attempts = policy.attempts
  const deadline = faults.over + patienceMs(plan.total, attempts, faults.workers, policy.backoff.toMs)
  const settledOnce = await scheduler.run(() => isSettled(world), deadline)
  // A zombie may still bring its result home, which is another thing to merge.
  await scheduler.run(() => false, scheduler.now + lateMs)
  const settled = settledOnce && (await scheduler.run(() => isSettled(world), scheduler.now + lateMs))
  cluster.stop()
  await scheduler.run(() => false, scheduler.now + 3_600_000)
  const found = await violations({ world, study, faults, surprises, settled })
  await rm(join(scratch, `seed-${seed}`), { recursive: true, force: true })
  const counts = (await world.ledger.summary())?.counts
  return {
    seed,
    violations: found,
    faults: report,
    merged: counts?.committed ?? 0,
    dead: (counts?.['dead-failed'] ?? 0) + (counts?.['dead-corrupt'] ?? 0),
  }
}

async function isSettled({ ledger }: World): Promise<boolean> {
  const summary = await ledger.summary()
  if (!summary) return false
  const { pending, running, retrying, committed } = summary.counts
  return pending + running + retrying === 0 && (committed === 0 || summary.mergedRevision >= summary.revision)
}

/** The services there are, to be killed, frozen and started again. */
export interface Cluster {
  killAny(): string
  freezeAny(ms: number): string
  /** Faults are over: whoever is dead is started again. */
  heal(): void
  stop(): void
}

interface ClusterParts {
  readonly world: World
  readonly chance: Chance
  readonly study: Study
  readonly faults: FaultPlan
  readonly report: string[]
  readonly surprises: unknown[]
  readonly onCall: ((line: string) => void) | undefined
  readonly scratch: string
}

function createCluster({ world, chance, study, faults, report, surprises, onCall, scratch }: ClusterParts): Cluster {
  const { scheduler } = world
  const live = new Map<string, SimulatedService>()
  let lives = 0
  let healthy = false
  let stopped = false
  const launch = (name: string, starter: (parts: ServiceParts) => SimulatedService) => {
    // Each life draws from a stream of its own: what one process does changes nothing of what befalls another.
    const own = chanceOf(chance.below(2 ** 31))
    const process = new SimulatedProcess({
      name: `${name}/${++lives}`,
      scheduler,
      chance: own,
      faults: () => (healthy ? noFaults : faults.calls),
      clockOffMs: healthy ? 0 : chance.pick(faults.clockOffsMs),
      onCrash: () => kill(name),
      onCall: (point, answer) => onCall?.(`${Math.round(scheduler.now - start)} ms: ${point} -> ${shown(answer)}`),
      onFault: (fault) => {
        report.push(`${Math.round(scheduler.now - start)} ms: ${fault}`)
        onCall?.(report.at(-1)!)
      },
    })
    const parts: ServiceParts = {
      ...{ world, process, chance: own, plan: study.submitted.plan, validator: study.validator },
      runnerOf: (of) => simulatedRunner(of, { world, chance: own, study, faults }),
      scratch: join(scratch, `${name}-${lives}`),
      onSurprise: (error) => surprises.push(error),
    }
    live.set(name, starter(parts))
  }
  const starters = new Map<string, (parts: ServiceParts) => SimulatedService>()
  for (let n = 0; n < faults.workers; n++) starters.set(`worker-${n}`, (parts) => startWorker(parts, `host-${n}`))
  for (let n = 0; n < 2; n++) starters.set(`producer-${n}`, startProducer)
  for (let n = 0; n < 2; n++) starters.set(`merger-${n}`, startMerger)
  const kill = (name: string) => {
    live.get(name)?.kill()
    live.delete(name)
    // Whatever keeps services alive (a person, compose, SLURM) starts it again.
    if (!stopped)
      scheduler.after(
        chance.between(200, 3_000),
        () => !stopped && !live.has(name) && launch(name, starters.get(name)!),
      )
  }
  for (const [name, starter] of starters) scheduler.after(chance.between(0, 500), () => launch(name, starter))
  const some = () => (live.size === 0 ? undefined : chance.pick([...live.keys()]))
  return {
    killAny() {
      const name = some()
      if (name) kill(name)
      if (name) onCall?.(`         ${name}`)
      return name ?? 'nobody'
    },
    freezeAny(ms) {
      const name = some()
      if (name) live.get(name)!.freeze(new Promise((resolve) => scheduler.after(ms, resolve)))
      if (name) onCall?.(`         ${name}`)
      return name ?? 'nobody'
    },
    heal() {
      healthy = true
      for (const [name, starter] of starters) if (!live.has(name)) launch(name, starter)
    },
    stop() {
      stopped = true
      for (const service of live.values()) service.kill()
    },
  }
}

const shown = (answer: unknown) =>
  JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? String(value) : value))?.slice(0, 120)

const noFaults = { crash: 0, failed: 0, unheard: 0, twice: 0, slow: 0 }

/** An optimizer that takes virtual time, and fails or leaves damaged bytes as often as the seed says. */
function simulatedRunner(
  process: SimulatedProcess,
  { world, chance, study, faults }: Pick<ClusterParts, 'world' | 'chance' | 'study' | 'faults'>,
): AttemptRunner {
  const clock = process.clock()
  const log = new Uint8Array()
  return {
    async run({ key, epoch, attempt }, signal) {
      world.ran.push({ key, epoch, attempt })
      await clock.sleep(chance.between(attemptMs.from, attemptMs.to), signal)
      if (signal.aborted) return { kind: 'stopped', log }
      const bytes = study.results.get(key)!
      if (chance.happens(faults.attempts.fail)) {
        return { kind: 'failed', code: 'OPTIMIZER_FAILED', message: 'as drawn', canHeal: true, log }
      }
      if (chance.happens(faults.attempts.corrupt)) return { kind: 'output', bytes: damaged(bytes, chance), log }
      return { kind: 'output', bytes, log }
    },
    close: async () => undefined,
  }
}

function damaged(bytes: Uint8Array, chance: Chance): Uint8Array {
  if (chance.happens(0.3)) return bytes.subarray(0, Math.floor((bytes.length * chance.below(8)) / 8))
  const copy = Uint8Array.from(bytes)
  // A few places only: the verdict on each is remembered from seed to seed.
  copy[Math.floor((copy.length * (1 + chance.below(15))) / 16)]! ^= 0xff
  return copy
}
