import { openBullmqMerges } from '@windrow/common/queue/bullmq-merges.ts'
import type { Fault, ProxiedRequest } from '../../fixtures/fault-proxy.ts'
import type { Field } from '../field.ts'
import { awaited, pause } from '../pause.ts'

/** Where in its work a merger is killed. */
const stages = [
  'reads a commit',
  ...['file', 'certificate', 'audit', 'generation'].flatMap((what) => [`before the ${what}`, `after the ${what}`]),
  'says that it published',
  'some time',
] as const

const written: Readonly<Record<string, RegExp>> = {
  file: /\/merges\/.*\/layouts\.h5/,
  certificate: /\/merges\/.*\/certificate\.json/,
  audit: /\/merges\/.*\/audit-/,
  generation: /\/generations\//,
}

/** So long a merger may take to the stage at which it is killed: the merge of thousands of commits comes to its file late. */
const patienceMs = 60_000

export interface MergerFaults {
  /** Asked for every request of a merger, before anything else befalls it. */
  meet(merger: string, request: ProxiedRequest): Fault | undefined
  /** Kills a merger at one of the stages. */
  kill(nth: number, signal: AbortSignal): Promise<void>
  /** Three merges asked for at once, which three mergers make. */
  race(signal: AbortSignal): Promise<void>
  /** Asks for a merge of what is there. */
  ask(): Promise<void>
  close(): Promise<void>
}

type Ground = Pick<Field, 'redis' | 'services' | 'chance' | 'journal' | 'logs' | 'watch' | 'sweep'>

export function mergerFaults(ground: Ground): MergerFaults {
  const { redis, services, chance, journal, logs, sweep } = ground
  const merges = openBullmqMerges(redis.client, { onError: () => undefined })
  const firstStage = chance.below(stages.length)
  let armed: { stage: string; kill: (merger: string) => void } | undefined
  // Above every revision of the ledger: a request of ours stands in the way of no other.
  let revision = 1_000_000
  const ask = () =>
    merges
      .ask({ sweep: sweep.name, revision: ++revision })
      .catch((error: unknown) => journal.note('nobody could be asked for a merge', { error: String(error) }))
  logs.onLine(({ service, msg }) => {
    if (armed?.stage === 'says that it published' && msg === 'published a generation') armed.kill(service)
  })
  return {
    ask,
    meet(merger, { method, path }) {
      if (!armed) return undefined
      const { stage, kill } = armed
      if (stage === 'reads a commit')
        return method === 'GET' && path.includes('/results/') ? dying(merger, kill) : undefined
      const [when, , what = ''] = stage.split(' ')
      if (method !== 'PUT' || !written[what]?.test(path)) return undefined
      return when === 'before' ? dying(merger, kill) : { kind: 'do-and-cut', done: () => kill(merger) }
    },
    async kill(nth, signal) {
      const stage = stages[(nth + firstStage) % stages.length]!
      const killed = Promise.withResolvers<void>()
      const kill = (name: string) => {
        const merger = services.all.find((service) => service.name === name)
        if (!armed || !merger) return
        armed = undefined
        const dose = journal.dose('merger killed', { stage, merger: name, pid: merger.pid })
        logs.onLine(({ msg }) => {
          if (msg === 'published a generation') dose.caught = true
        })
        merger.signal('SIGKILL')
        killed.resolve()
      }
      armed = { stage, kill }
      const givenUpAt = performance.now() + patienceMs
      while (armed && performance.now() < givenUpAt && !signal.aborted) {
        await ask()
        if (stage === 'some time') {
          await pause(chance.between(0, 1_000), signal)
          kill((await services.take('merger', chance, signal)).name)
          for (const service of services.all) if (service.kind === 'merger') service.isTaken = false
        }
        await Promise.race([killed.promise, awaited(() => !armed, { forMs: 3_000, signal })])
      }
      if (armed) journal.note('no merger came to the stage at which it is killed', { stage })
      armed = undefined
    },
    async race(signal) {
      const outcomes = () => logs.lines.filter(({ msg }) => msg === 'published a generation').length
      const before = outcomes()
      const dose = journal.dose('three mergers at once')
      await Promise.all([ask(), ask(), ask()])
      dose.caught = await awaited(() => outcomes() > before, { forMs: 30_000, signal })
    },
    close: () => merges.close(),
  }
}

/** It is gone before its request goes on. */
function dying(merger: string, kill: (merger: string) => void): Fault {
  kill(merger)
  return { kind: 'answer', status: 503, code: 'SlowDown' }
}
