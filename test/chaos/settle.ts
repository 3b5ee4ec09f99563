import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { MergerFaults } from './faults/merger-faults.ts'
import type { Operator } from './faults/operator.ts'
import type { StoreWeather } from './faults/store-faults.ts'
import type { Field } from './field.ts'
import { awaited, pause } from './pause.ts'
import { backoffMs, lockMs } from './sweep.ts'

export interface Settling {
  /** From the last fault until nothing was open any more; null when that did not come. */
  readonly afterMs: number | null
  /** Two lock durations, the longest backoff, and what the work that was left takes by itself; untimed: all patience. */
  readonly limitMs: number
}

interface Calm {
  readonly weather: StoreWeather
  readonly mergers: MergerFaults
  readonly operator: Operator
  /** Beside other work nothing can be said of how long it may take; then it must only come. */
  readonly untimed: boolean
  readonly signal: AbortSignal
}

/** So many results are run again, each for a second, for the last fault to come in their middle. */
const lastRuns = 8
const lastRunMs = 1_000
const patienceMs = 120_000

/**
 * Waits until every damage was found and everything has come to its end, has some results run again, and gives the last
 * fault: a worker dies with what it runs. Measures how long it takes from then until everything is settled.
 */
export async function settle(field: Field, calm: Calm): Promise<Settling> {
  const { watch, journal } = field
  const { weather, untimed, signal } = calm
  await findDamages(field, calm)
  await awaited(() => watch.open === 0, { forMs: patienceMs, signal })
  const begunAt = journal.doses[0]?.at ?? Date.now()
  const paceMs = (Date.now() - begunAt) / field.sweep.keys.length
  await runSomeAgain(field, calm)
  weather.clear()
  await killLastWorker(field, signal)
  const stoppedAt = Date.now()
  const limitMs = Math.round(2 * lockMs + backoffMs + lastRunMs + lastRuns * paceMs)
  journal.note('the faults are over', { open: watch.open, limitMs, paceMs: Math.round(paceMs) })
  const isSettled = await awaited(() => watch.open === 0, { forMs: patienceMs, signal })
  const afterMs = isSettled ? Date.now() - stoppedAt : null
  journal.note('settled', { afterMs, limitMs })
  return { afterMs, limitMs: untimed ? patienceMs : limitMs }
}

async function runSomeAgain(field: Field, { operator, signal }: Calm): Promise<void> {
  const { sweep, optimizer, folder, watch } = field
  const good = sweep.keys.filter((key) => !(key in sweep.destinies)).slice(-lastRuns)
  for (let n = 0; n < good.length; n++) writeFileSync(join(optimizer.folder, 'tickets', `slow-${n}`), 'slow 0\n')
  const list = join(folder, 'run-again.txt')
  writeFileSync(list, `${good.join('\n')}\n`)
  await operator.insist(['rerun', sweep.name, '--from', list, '--force', '--reason', 'the last ones'], { signal })
  await awaited(() => watch.runningKeys().length > 1, { forMs: 10_000, signal })
}

async function killLastWorker({ services, journal, watch }: Field, signal: AbortSignal): Promise<void> {
  const atWork = () =>
    services.all.find(({ kind, isUp, pid }) => kind === 'worker' && isUp && watch.runningKeys(pid).length > 0)
  if (!(await awaited(() => atWork() !== undefined, { forMs: 5_000, signal }))) return
  const last = atWork()
  if (!last) return
  const facts = { service: last.name, pid: last.pid, worker: `${last.name}/${last.pid}`, last: true }
  journal.dose('worker killed', facts, watch.runningKeys(last.pid))
  last.signal('SIGKILL')
}

/** Every damage is found when somebody reads it, and a merge reads everything. */
async function findDamages(field: Field, { mergers, signal }: Calm): Promise<void> {
  const damages = field.journal.doses.filter(({ fault }) => fault === 'commit damaged')
  const names = damages.map(({ facts }) => String(facts.name).replace('results/', '').replace('.h5', '.json'))
  const deadline = performance.now() + 60_000
  for (;;) {
    const reopened = await listedIn(field, 'reopened/')
    if (names.every((name) => reopened.has(name)) || signal.aborted) return
    if (performance.now() > deadline) return field.journal.note('damage was not found', { names })
    await mergers.ask()
    await pause(3_000, signal)
  }
}

async function listedIn({ store, sweep }: Field, part: string): Promise<Set<string>> {
  const Prefix = `${store.prefix}sweeps/${sweep.name}/${part}`
  const { Contents = [] } = await store.client.send(new ListObjectsV2Command({ Bucket: store.bucket, Prefix }))
  return new Set(Contents.map(({ Key = '' }) => Key.slice(Prefix.length)))
}
