import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { PlannedFault } from '../doses.ts'
import type { Field } from '../field.ts'
import { awaited, pause } from '../pause.ts'
import { placeFailingOptimizer } from '../sweep.ts'

/** What the next run of the optimizer that takes it does, by the name its script knows. */
const tickets: Partial<Record<PlannedFault, string>> = {
  'child out of memory': 'memory',
  'child hangs': 'hang',
  'child is a fork bomb': 'bomb',
  'output empty': 'empty',
  'output truncated': 'truncated',
  'output with bits flipped': 'flipped',
  'output with NaN': 'nan',
  'output misshapen': 'misshapen',
  'output of another': 'of-another',
  'output with two results': 'two',
}

/** Whether it is a fault of an optimizer, which a ticket gives. */
export const isOfOptimizer = (fault: PlannedFault) => fault in tickets

/** Lays a ticket out for the next run; the journal has the dose when it was taken. */
export async function layTicket(
  { optimizer, chance, journal }: Pick<Field, 'optimizer' | 'chance' | 'journal'>,
  { fault, nth, signal }: { fault: PlannedFault; nth: number; signal: AbortSignal },
): Promise<void> {
  const kind = tickets[fault]!
  // Every 64th once: one after the other, from anywhere.
  const seed = kind === 'truncated' ? (nth * 13 + 5) % 64 : chance.below(1_000_000)
  const name = `${kind}-${nth}`
  writeFileSync(join(optimizer.folder, `${name}.new`), `${kind} ${seed}\n`)
  renameSync(join(optimizer.folder, `${name}.new`), join(optimizer.folder, 'tickets', name))
  const taken = () => readdirSync(join(optimizer.folder, 'taken')).find((file) => file.startsWith(`${name}+`))
  if (!(await awaited(() => taken() !== undefined, { forMs: 60_000, signal }))) {
    journal.note('nobody took a ticket', { ticket: name })
    rmSync(join(optimizer.folder, 'tickets', name), { force: true })
    return
  }
  const key = taken()!.slice(name.length + 1)
  journal.dose(fault, { ticket: `${kind} ${seed}`, key }, [key])
}

/** The disk on which a worker computes and keeps what waits for the store has no room, for a while. */
export async function fillDisk(
  { disk, services, journal, watch, logs }: Pick<Field, 'disk' | 'services' | 'journal' | 'watch' | 'logs'>,
  signal: AbortSignal,
): Promise<void> {
  const worker = services.all.find(({ name }) => name === 'worker-1')!
  await awaited(() => worker.isUp, { forMs: 20_000, signal })
  const hog = join(disk.path, 'hog')
  journal.dose('disk full', { worker: worker.name }, watch.runningKeys(worker.pid))
  let size = 1 << 20
  while (size >= 1) {
    try {
      writeFileSync(hog, Buffer.alloc(size), { flag: 'a' })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      size >>= 2
    }
  }
  const fullAt = Date.now()
  const hasSuffered = () =>
    logs.lines.some(({ service, at, facts }) => service === worker.name && at > fullAt && Number(facts.level) >= 40)
  await awaited(hasSuffered, { forMs: 8_000, signal })
  await pause(500, signal)
  rmSync(hog)
}

/** A worker whose optimizer always fails, stopped when its host is set aside, or after 60 s. */
export async function runBadHost(
  field: Pick<Field, 'folder' | 'services' | 'journal' | 'logs' | 'environment'>,
  signal: AbortSignal,
): Promise<void> {
  const folder = join(field.folder, 'bad-host')
  const args = ['--optimizers', placeFailingOptimizer(folder), '--concurrency', '1', '--look-for-sweeps', '200ms']
  const own = ['--scratch', join(folder, 'work'), '--spool', join(folder, 'spool'), '--beat', '400ms']
  const environment = { ...field.environment(), SLURMD_NODENAME: 'bad-host' }
  const host = field.services.start({ name: 'bad-host', kind: 'worker', args: [...args, ...own], environment })
  // Others harm others.
  host.isTaken = true
  const log = join(folder, 'runs.log')
  const keys = () => (existsSync(log) ? readFileSync(log, 'utf8').match(/farm\d+_s\d+/g) : null) ?? []
  const isSetAside = () => field.logs.lines.some(({ facts }) => isSettingAside(facts))
  await awaited(isSetAside, { forMs: 60_000, signal })
  await host.stop()
  field.journal.dose('host on which everything fails', { runs: keys().length }, [...new Set(keys())])
}

/** A producer says of the bad host that it is set aside. */
export function isSettingAside({ code, host }: Readonly<Record<string, unknown>>): boolean {
  return code === 'HOST_SET_ASIDE' && host === 'bad-host'
}
