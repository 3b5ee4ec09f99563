import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { translateRedisError } from '@windrow/common/redis/redis-health.ts'
import { isJudging } from './is-judging.ts'
import { kindOfCreated, kindOfObject } from './kind-of-object.ts'
import { pass, tellUnnamed, within, witness } from './passing.ts'

interface Port {
  /** Methods that change something, and what the change is called when that depends on the arguments. */
  readonly changes: Readonly<Record<string, (...given: never[]) => string | undefined>>
  readonly reads: readonly string[]
  readonly failure: () => Error
}

const whatever = () => undefined

/** What an adapter throws when the connection broke while it waited for the answer. */
const redisFailure = () => translateRedisError(new Error('Connection is closed.')) ?? new Error('no error of Redis')

const storeFailure = () =>
  new WindrowError('STORE_UNAVAILABLE', { message: 'Cannot write to the store: EIO: i/o error, write.' })

export const ports = {
  ledger: {
    changes: {
      create: whatever,
      extend: whatever,
      begin: whatever,
      settle: ({ settlement }: { settlement: string }) => settlement,
      reopen: () => (isJudging() ? 'given-back' : undefined),
      select: ({ as }: { as: string }) => as,
      repeatRunning: whatever,
      takeBack: whatever,
      markMerged: whatever,
      forgetRow: whatever,
      setAside: (hosts: readonly string[]) => (hosts.length > 0 ? 'some' : 'none'),
      giveBack: whatever,
      remove: whatever,
    },
    reads: ['summary', 'cells', 'epochs', 'running', 'trials', 'isSetAside', 'owedBy'],
    failure: redisFailure,
  },
  active: { changes: { add: whatever, remove: whatever }, reads: ['list'], failure: redisFailure },
  queue: {
    changes: {
      add: whatever,
      ensure: whatever,
      setPaused: (paused: boolean) => (paused ? 'paused' : 'resumed'),
      remove: whatever,
    },
    reads: ['counts', 'withoutOpenJob', 'isPaused', 'close'],
    failure: redisFailure,
  },
  merges: { changes: { ask: whatever }, reads: ['close'], failure: redisFailure },
  store: {
    changes: { create: kindOfCreated, createFromFile: kindOfObject, remove: kindOfObject },
    reads: ['read', 'readToFile', 'list', 'folders'],
    failure: storeFailure,
  },
  /** What an optimizer changes is its own affair; that it was run is noted. */
  runner: { changes: {}, reads: ['run', 'close'], failure: redisFailure },
} satisfies Record<string, Port>

export type PortName = keyof typeof ports

/**
 * An adapter all of whose changes pass points; a method of it that is neither known as a change nor as reading is told of.
 *
 * @public Called by what name-adapters.ts loads.
 */
export function named<Adapter extends object>(port: PortName, adapter: Adapter | Promise<Adapter>): unknown {
  if (adapter instanceof Promise) return adapter.then((opened) => named(port, opened))
  const { changes, reads, failure }: Port = ports[port]
  for (const method of methodsOf(adapter)) {
    if (!(method in changes) && !reads.includes(method)) tellUnnamed(`${port}.${method}`)
  }
  return new Proxy(adapter, {
    get(target, property) {
      const member = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      const called = (...given: never[]) => {
        if (port === 'runner' && property === 'run') bearWitness(given[0]!)
        return Reflect.apply(member, target, given)
      }
      const what = changes[String(property)]
      // Much of what is read there takes a script, which no command tells from one that writes.
      if (!what && port === 'ledger') return (...given: never[]) => within(String(property), () => called(...given))
      if (!what) return called
      return async (...given: never[]) => {
        if (port === 'queue' && property === 'setPaused' && !(await isNeeded(target, given[0]))) return false
        const kind = what(...given)
        const operation = `${port}.${String(property)}${kind === undefined ? '' : `:${kind}`}`
        return pass({ operation, call: () => called(...given), failure, matters: isNews(port, String(property)) })
      }
    },
  })
}

/** That an optimizer was run must be on record, whatever happens from here on. */
function bearWitness({ sweep, key, epoch, attempt }: Readonly<Record<string, unknown>>): void {
  witness(JSON.stringify({ sweep, key, epoch, attempt }))
}

const isNeeded = async (queue: object, paused: unknown) =>
  (await (queue as { isPaused(): Promise<boolean> }).isPaused()) !== paused

/** Asking for what is so already changes nothing: that is no place to crash at. */
function isNews(port: string, method: string): (result: unknown) => boolean {
  if (port === 'ledger' && method === 'select') return (changed) => changed !== 0
  return () => true
}

function methodsOf(adapter: object): string[] {
  const found = new Set<string>()
  for (let at = adapter; at !== Object.prototype; at = Object.getPrototypeOf(at)) {
    for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(at))) {
      if (typeof value === 'function' && name !== 'constructor') found.add(name)
    }
  }
  return [...found]
}
