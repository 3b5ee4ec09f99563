import { join } from 'node:path'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { names } from '@windrow/common/store/names.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { z } from 'zod'
import { windrowInProcess } from '../../apps/cli/fixtures/windrow-in-process.ts'
import { until } from '../fixtures/until.ts'
import type { Cast } from './cast.ts'
import type { Stage } from './stage.ts'
import type { GrowingSweep } from './sweeps.ts'

/** What is wrong after all crashes; empty when nothing is. `faultFree` had the same sweeps and no crash. */
export async function auditAll(cast: Cast, faultFree: Stage): Promise<readonly string[]> {
  const sweeps = await cast.sweeps()
  const faults = await Promise.all(sweeps.map((sweep) => auditSweep(sweep, cast.stage, faultFree)))
  return [...faults.flat(), ...(await unrecordedAttempts(cast.stage))]
}

async function auditSweep(sweep: GrowingSweep, stage: Stage, faultFree: Stage): Promise<string[]> {
  const { name, keys } = sweep
  const faults: string[] = []
  const [made, wanted] = await Promise.all([newestOf(stage, sweep), newestOf(faultFree, sweep)])
  if (!made.complete || made.merged !== keys.length) faults.push(`${name}: ${made.merged} of ${keys.length} are merged`)
  if (made.files.layouts.sha256 !== wanted.files.layouts.sha256) {
    faults.push(`${name}: its merged file differs from that of the run without a fault`)
  }
  const output = join(stage.folder, `${name}.h5`)
  const home = await stage.operate('download', name, '-o', output)
  const verified = await windrowInProcess(['verify', output, '--store', stage.store.url], stage.folder)
  for (const { status, stdout, stderr } of [home, verified]) {
    if (status !== 0) faults.push(`${name}: its file does not come home and verify: ${stdout}${stderr}`)
  }
  const { plan } = await createSweepReader(stage.store).readNewest(name)
  const states = await readStatesInStore(stage.store, plan)
  for (const stranger of states.strangers) faults.push(`${name}: ${stranger} belongs to no configuration`)
  for (const [index, cell] of (await sweep.ledger.cells()).entries()) {
    const [inLedger, inStore] = [stateOfCell(cell), stateOfCell(states.cells[index]!)]
    if (inLedger !== 'committed' || inStore !== 'committed') {
      faults.push(`${keys[index]} is ${inLedger} in the ledger and ${inStore} in the store`)
    }
  }
  return faults
}

/** The newest generation of a sweep, once a merge has covered all of it. */
export async function newestOf({ store }: Stage, { name, keys }: GrowingSweep): Promise<Generation> {
  let newest: Generation | undefined
  await until(async () => {
    newest = (await readGenerations(store, name)).at(-1)
    return newest?.merged === keys.length
  })
  return newest!
}

const witnessSchema = z.object({ sweep: z.string(), key: z.string(), epoch: z.number(), attempt: z.string() })

/** Attempts whose optimizer was run, and of which the store has no record. */
async function unrecordedAttempts({ store, witnesses }: Stage): Promise<string[]> {
  const faults: string[] = []
  for (const line of witnesses()) {
    const { sweep, key, epoch, attempt } = witnessSchema.parse(JSON.parse(line))
    // What was deleted has no records.
    if (sweep === 'reborn') continue
    if (await store.read(names.attempt(sweep, key, epoch, attempt))) continue
    faults.push(`attempt ${attempt} of ${key}, epoch ${epoch}, is not on record`)
  }
  return faults
}
