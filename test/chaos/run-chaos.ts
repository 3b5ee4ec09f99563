import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { processesWith } from '../fixtures/processes.ts'
import { type Chance, chanceOf } from '../simulation/chance.ts'
import { constantFaults, scaledDoses } from './doses.ts'
import type { Facts, Verdicts } from './facts.ts'
import { mergerFaults } from './faults/merger-faults.ts'
import { type Operator, operatorOf } from './faults/operator.ts'
import { storeWeather } from './faults/store-faults.ts'
import { type Field, prepareField } from './field.ts'
import { giveFaults } from './give-faults.ts'
import { judge } from './judge.ts'
import { mirrorStore } from './mirror.ts'
import { noticed } from './noticed.ts'
import { awaited } from './pause.ts'
import { runQuietly } from './quiet-run.ts'
import { type FaultRow, faultRows } from './report.ts'
import { plannedDoses } from './schedule.ts'
import { type Settling, settle } from './settle.ts'
import { startServices } from './start-services.ts'
import { chaosSweep } from './sweep.ts'

export interface ChaosOptions {
  readonly seed: number
  readonly configurations: number
  /** 1: the full number of faults. */
  readonly doses: number
  /** An empty folder for everything; it stays. */
  readonly folder: string
  readonly say: (line: string) => void
  /** How long it takes to settle is told, and not judged. */
  readonly untimed: boolean
  /** The run ends early; what was planned and not given shows in the table. */
  readonly signal: AbortSignal
  /** Told of the field as soon as there is one, so that all processes can be ended at any time. */
  readonly onField: (field: Field) => void
}

export interface ChaosOutcome {
  readonly verdicts: Verdicts
  readonly rows: readonly FaultRow[]
  /** Processes of optimizers that outlived every worker. */
  readonly leftBehind: number
  readonly seconds: number
  readonly passed: boolean
}

/** A sweep under every kind of fault, and what came of it. */
export async function runChaos(options: ChaosOptions): Promise<ChaosOutcome> {
  const { seed, configurations, folder, say, signal } = options
  const begun = performance.now()
  const chance = chanceOf(seed)
  const sweep = chaosSweep(configurations, chance)
  const field = await prepareField({ folder, sweep, chance, say })
  options.onField(field)
  try {
    const operator = operatorOf(field)
    const quiet = await enter(field, operator, signal)
    const settling = await storm(field, { operator, options, chance })
    const expectedStatuses = await bringHome(field, operator, signal)
    await field.services.stopAll()
    const leftBehind = await optimizersLeft(field)
    await field.watch.stop()
    field.logs.look()
    const store = join(folder, 'store')
    const listing = await mirrorStore(field.store, store)
    const facts = { ...factsOf(field, { operator, quiet, settling }), store, listing, expectedStatuses }
    const verdicts = await judge(facts, join(folder, 'facts.json'))
    noticed(field, store)
    const rows = faultRows(field.journal.doses, { planned: scaledDoses(options.doses), verdicts })
    const isHeld = Object.values(verdicts.violations).every((found) => found.length === 0)
    const isGiven = rows.every(({ given }) => given > 0)
    const passed = isHeld && isGiven && leftBehind === 0
    return { verdicts, rows, leftBehind, seconds: (performance.now() - begun) / 1000, passed }
  } finally {
    await field.close()
  }
}

/** How many processes that optimizers started are still there when no worker is; they are ended. */
async function optimizersLeft({ optimizer, journal }: Field): Promise<number> {
  const left = () => processesWith(optimizer.folder)
  if (await awaited(() => left().length === 0, { forMs: 3_000 })) return 0
  const pids = left()
  journal.note('processes were left behind', { pids })
  for (const pid of pids) process.kill(pid, 'SIGKILL')
  return pids.length
}

/** Submits the sweep and cancels a part of it; meanwhile the same sweep runs where nothing happens to it. */
async function enter(field: Field, operator: Operator, signal: AbortSignal): Promise<string> {
  const entering = async () => {
    const { sweep, specificationPath, optimizer } = field
    await operator.insist(['submit', specificationPath, '--optimizers', optimizer.file], { signal })
    await operator.insist(['cancel', sweep.name, sweep.cancelled], { signal })
  }
  const [quiet] = await Promise.all([runQuietly(field), entering()])
  field.journal.note('the quiet run has ended', { file: quiet })
  return quiet
}

/** Everything runs, and everything that is planned befalls it. */
async function storm(
  field: Field,
  { operator, options, chance }: { operator: Operator; options: ChaosOptions; chance: Chance },
): Promise<Settling> {
  const { signal, untimed } = options
  const doses = scaledDoses(options.doses)
  // The last worker is killed when all else is over.
  const spread = { ...doses, 'worker killed': doses['worker killed'] - 1 }
  const planned = plannedDoses(spread, chance)
  const weather = storeWeather(field, chance)
  const mergers = mergerFaults(field)
  field.journal.note('the faults begin', { planned: planned.length, constant: constantFaults.length })
  startServices(field, { weather, mergers })
  try {
    await giveFaults(planned, { field, mergers, operator, signal })
    return await settle(field, { weather, mergers, operator, untimed, signal })
  } finally {
    await mergers.close()
  }
}

/** People who wait for the file are told that it is short, unless they declare that it may be. Returns how it must end for them. */
async function bringHome(
  { folder, sweep, optimizer, specificationPath }: Field,
  operator: Operator,
  signal: AbortSignal,
): Promise<number[]> {
  const short = Object.keys(sweep.destinies).length
  for (const [n, tolerance] of [short, 0].entries()) {
    const output = join(folder, `home-${n}.h5`)
    const args = ['submit', specificationPath, '--optimizers', optimizer.file, '--wait', '-o', output]
    const declared = ['--only', sweep.wanted, '--set', `policy.tolerance=${tolerance}`]
    await operator.insist([...args, ...declared], { signal, until: [0, 2], output, tolerance })
  }
  return [0, 2]
}

function factsOf(
  { sweep, optimizer, watch, journal, folder }: Field,
  { operator, quiet, settling }: { operator: Operator; quiet: string; settling: Settling },
): Omit<Facts, 'store' | 'listing' | 'expectedStatuses'> {
  const damages = journal.doses.filter(({ fault }) => fault === 'commit damaged')
  const losses = journal.doses.filter(({ fault }) => /^Redis (emptied|without)/.test(fault))
  const runs: Record<string, number> = {}
  for (const key of readFileSync(join(optimizer.folder, 'runs.log'), 'utf8').split('\n').filter(Boolean)) {
    runs[key] = (runs[key] ?? 0) + 1
  }
  return {
    sweep: sweep.name,
    farms: 2,
    seeds: sweep.seeds,
    destinies: sweep.destinies,
    pool: optimizer.pool,
    quiet,
    commits: Object.fromEntries(watch.commits),
    replaced: Object.fromEntries(watch.replaced),
    damaged: Object.fromEntries(damages.map(({ facts }) => [String(facts.name), String(facts.etag)])),
    attempts: [...watch.attempts.values()],
    runs,
    ended: endedWorkers(join(folder, 'journal.jsonl')),
    redisLosses: losses.map(({ at }) => at),
    commands: operator.commands,
    settled: settling,
  }
}

function endedWorkers(journalPath: string): Facts['ended'] {
  const lines = readFileSync(journalPath, 'utf8').split('\n').filter(Boolean)
  const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  const ends = entries.filter(({ what }) => what === 'a service ended')
  return ends.map(({ service, pid, at }) => ({ worker: `${service}/${pid}`, at: Number(at) }))
}
