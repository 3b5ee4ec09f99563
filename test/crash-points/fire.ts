import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import { until } from '../fixtures/until.ts'
import type { Cast } from './cast.ts'
import type { CrashPoint } from './catalogue.ts'
import type { CrashMode } from './modes.ts'
import { provoke } from './provocations.ts'
import type { CrashingService } from './stage.ts'

/** A point, and what is to happen there. */
export interface Firing {
  readonly point: CrashPoint
  readonly mode: CrashMode
}

/** Another crash may have come between: then it is tried again, with more patience. */
const patienceMs = [4_000, 8_000, 16_000, 32_000, 32_000, 32_000]

/**
 * Arms points one after the other and provokes each until it has fired; several lists go on at once. Returns what never
 * fired, and why.
 */
export async function fireAll(
  cast: Cast,
  firings: readonly Firing[],
  say: (line: string) => void,
): Promise<readonly string[]> {
  const failures: string[] = []
  const lanes = Map.groupBy(firings, ({ point }) => laneOf(point.name))
  const go = async (lane: readonly Firing[]) => {
    for (const firing of lane) {
      try {
        say(await fire(cast, firing))
      } catch (error) {
        failures.push(`${firing.point.name}, ${firing.mode}: ${messageOf(error)}`)
        say(failures.at(-1)!)
      }
    }
  }
  await Promise.all([...lanes.values()].map(go))
  return failures
}

/** What the worker does with files and store is apart from what it does with ledger and queue: it has the most points. */
function laneOf(name: string): string {
  const [service, port] = name.split('.')
  return service === 'worker' ? `${service} ${port === 'jobs' || port === 'ledger' || port === 'merges'}` : service!
}

async function fire(cast: Cast, { point, mode }: Firing): Promise<string> {
  const { stage } = cast
  const service = point.name.split('.')[0] as CrashingService
  const hasFired = () => stage.hasFired(point.name, mode)
  const beganAt = performance.now()
  for (const ms of patienceMs) {
    if (hasFired()) break
    stage.arm(point.name, mode)
    const calm = await provoke(point.by)(cast, service)
    await Promise.race([until(hasFired), new Promise((resolve) => setTimeout(resolve, ms))])
    await calm?.()
  }
  if (!hasFired()) throw new Error(`${point.by} did not bring it there`)
  return `${point.name}: ${mode} (${point.does}), after ${((performance.now() - beganAt) / 1000).toFixed(1)} s`
}
