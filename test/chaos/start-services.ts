import { join } from 'node:path'
import { clockAhead } from '../fixtures/clock-ahead.ts'
import type { MergerFaults } from './faults/merger-faults.ts'
import type { StoreWeather } from './faults/store-faults.ts'
import type { Field } from './field.ts'

const workers = 4
const slots = '2'
const beat = ['--beat', '400ms']

/** So far ahead the clock of the last worker is, seconds; S3 refuses signatures that are a quarter of an hour off. */
const aheadS = 600

/** A producer, three mergers, four workers: one on a small disk, one whose clock is ahead. */
export function startServices(
  field: Field,
  { weather, mergers }: { weather: StoreWeather; mergers: MergerFaults },
): void {
  const { services, store, folder, disk, optimizer } = field
  store.proxy.faults(weather.choose)
  const environment = field.environment()
  const name = 'producer'
  const openJobs = ['--max-open-jobs', '60']
  services.start({ name, kind: 'producer', args: ['--every', '400ms', ...beat, ...openJobs], environment })
  for (const [n, proxy] of store.mergerProxies.entries()) {
    const merger = `merger-${n + 1}`
    proxy.faults(async (request) => mergers.meet(merger, request) ?? (await weather.choose(request)))
    const args = ['--scratch', join(folder, merger)]
    services.start({ name: merger, kind: 'merger', args, environment: field.environment(proxy) })
  }
  for (let n = 1; n <= workers; n++) {
    const host = `worker-${n}`
    const own = n === 1 ? disk.path : join(folder, host)
    const places = ['--scratch', join(own, 'work'), '--spool', join(own, 'spool')]
    const args = [
      '--optimizers',
      optimizer.file,
      '--concurrency',
      slots,
      '--look-for-sweeps',
      '200ms',
      ...beat,
      ...places,
    ]
    const clock = n === workers ? clockAhead(aheadS) : {}
    services.start({
      name: host,
      kind: 'worker',
      args,
      environment: { ...environment, SLURMD_NODENAME: host, ...clock },
    })
    if (n === workers) field.journal.dose('clock 10 minutes ahead', { service: host }).caught = true
  }
}
