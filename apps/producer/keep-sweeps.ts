import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import { names } from '@windrow/common/store/names.ts'
import {
  freshMemory,
  type ProducerMemory,
  type ProducerPorts,
  reconcile,
  type SweepInCharge,
  wantsAll,
} from './reconcile.ts'
import type { Woken } from './wakeable-pause.ts'

export interface KeepOptions {
  /** The sweeps to keep; undefined: every sweep in the store. */
  readonly sweeps?: readonly string[]
  readonly everyMs: number
  /** Opens a sweep anew when its manifests may have grown. */
  readonly openSweep: (sweep: string) => Promise<SweepInCharge>
  /** Told after every pass that went through, with the name of the newest action that was heeded. */
  readonly onPass: (sweep: string, newestAction: string) => Promise<void>
  /** Told why a pass did not go through: whoever waits for the sweep should hear of it. */
  readonly onFailure: (sweep: string, reason: string) => Promise<void>
  /** Told why the sweeps cannot be listed, and (undefined) that they can. */
  readonly onListing: (reason: string | undefined) => Promise<void>
  /** Resolves when somebody has woken the producer, at the latest after `ms`. */
  readonly pause: (ms: number) => Promise<Woken>
}

/** Keeps every sweep's queue equal to its manifest until `shutdown`: a pass at every interval, and when woken. */
export async function keepSweeps(options: KeepOptions, ports: ProducerPorts, shutdown: AbortSignal): Promise<void> {
  const memories = new Map<string, ProducerMemory>()
  let woken: Woken = new Set()
  while (!shutdown.aborted) {
    const listed = await sweepsToKeep(options, ports)
    // One that was deleted may come again under its name, as another.
    for (const name of memories.keys()) if (listed && !listed.includes(name)) memories.delete(name)
    for (const name of listed ?? []) {
      if (shutdown.aborted) return
      const memory = memories.get(name) ?? freshMemory()
      memories.set(name, memory)
      // Somebody submitted, reran or resumed: the queue may want jobs again from the beginning.
      if (woken.has(name)) Object.assign(memory, wantsAll)
      await passOver(name, options, { ports, memory })
    }
    woken = await options.pause(options.everyMs)
  }
}

/** undefined when the store does not say. */
async function sweepsToKeep(
  { sweeps, onListing }: KeepOptions,
  { store, logger }: ProducerPorts,
): Promise<readonly string[] | undefined> {
  if (sweeps) return sweeps
  try {
    const listed = await store.folders(names.sweeps)
    await onListing(undefined)
    return listed
  } catch (error) {
    logger.error({ err: error }, `cannot list the sweeps: ${messageOf(error)}`)
    await onListing(`The producer cannot list the sweeps: ${messageOf(error)}`)
    return undefined
  }
}

async function passOver(
  name: string,
  options: KeepOptions,
  { ports, memory }: { ports: ProducerPorts; memory: ProducerMemory },
): Promise<void> {
  try {
    const sweep = await options.openSweep(name)
    await reconcile(sweep, ports, memory)
    await options.onPass(name, memory.heeded?.newest ?? '')
  } catch (error) {
    // The next pass sees the world as it is then; what failed is on record here.
    const expected = isWindrowError(error) && error.transient
    ports.logger[expected ? 'warn' : 'error']({ err: error, sweep: name }, `a pass failed: ${messageOf(error)}`)
    await options.onFailure(name, `The producer cannot go on with ${name}: ${messageOf(error)}`)
  }
}
