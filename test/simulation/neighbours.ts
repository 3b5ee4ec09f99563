import type { Ledger } from '@windrow/common/ledger/ledger.ts'
import type { MemoryQueueConsumer } from '@windrow/common/queue/memory-queue.ts'
import type { QueueConsumer } from '@windrow/common/queue/queue.ts'
import type { Validator } from '@windrow/common/results/verdict.ts'
import type { Store, StoredObject } from '@windrow/common/store/store.ts'
import type { Spool } from '../../apps/worker/spooling/spool.ts'
import { boundLedger } from '../fixtures/bound-ledger.ts'
import type { SimulatedProcess } from './simulated-process.ts'
import type { World } from './world.ts'

/** A process, and the world whose parts are its neighbours: every call of one goes through the process. */
export interface ProcessInWorld {
  readonly process: SimulatedProcess
  readonly world: World
}

export function storeThrough({ process, world: { store } }: ProcessInWorld): Store {
  const ask = <T>(what: string, effect: () => Promise<T>) => process.call('store', what, effect)
  return {
    url: store.url,
    create: (name, bytes) => ask(`create ${name}`, () => store.create(name, bytes)),
    createFromFile: (name, path) => ask(`createFromFile ${name}`, () => store.createFromFile(name, path)),
    read: (name) => ask(`read ${name}`, () => store.read(name)),
    readToFile: (name, path) => ask(`readToFile ${name}`, () => store.readToFile(name, path)),
    async *list(prefix) {
      const page = (after: string) => async () => {
        const found: StoredObject[] = []
        for await (const object of store.list(prefix)) if (object.name > after) found.push(object)
        return found.sort((a, b) => (a.name < b.name ? -1 : 1)).slice(0, pageSize)
      }
      for (let after = ''; ; ) {
        const objects = await ask(`list ${prefix}`, page(after))
        yield* objects
        if (objects.length < pageSize) return
        after = objects.at(-1)!.name
      }
    },
    folders: (prefix) => ask(`folders ${prefix}`, () => store.folders(prefix)),
    remove: (name) => ask(`remove ${name}`, () => store.remove(name)),
  }
}

/** A listing is no snapshot: what is created between two of its pages may be in it or not. */
const pageSize = 4

export function ledgerThrough({ process, world }: ProcessInWorld): Ledger {
  const { ledger } = world
  const ask =
    <Args extends readonly unknown[], T>(what: string, method: (...args: Args) => Promise<T>) =>
    (...args: Args) =>
      process.call('redis', `${what} ${named(args)}`, () => method(...args))
  const own = boundLedger(ledger)
  return {
    sweep: ledger.sweep,
    create: ask('create', own.create),
    extend: ask('extend', own.extend),
    summary: ask('summary', own.summary),
    cells: ask('cells', own.cells),
    epochs: ask('epochs', own.epochs),
    running: ask('running', own.running),
    begin: ask('begin', own.begin),
    settle: ask('settle', own.settle),
    reopen: ask('reopen', own.reopen),
    select: ask('select', own.select),
    repeatRunning: ask('repeatRunning', own.repeatRunning),
    takeBack: ask('takeBack', own.takeBack),
    markMerged: ask('markMerged', own.markMerged),
    trials: ask('trials', own.trials),
    forgetRow: ask('forgetRow', own.forgetRow),
    setAside: ask('setAside', own.setAside),
    isSetAside: ask('isSetAside', own.isSetAside),
    owedBy: ask('owedBy', own.owedBy),
    giveBack: ask('giveBack', own.giveBack),
    remove: ask('remove', own.remove),
  }
}

/** What identifies a call of the ledger among others. */
function named([request]: readonly unknown[]): string {
  if (typeof request !== 'object' || request === null) return ''
  const { index, attempt, epoch, settlement } = request as Readonly<Record<string, unknown>>
  return [index, attempt, epoch, settlement].filter((part) => part !== undefined).join(' ')
}

export function mergesThrough({ process, world }: ProcessInWorld) {
  const merges = world.queues.merges()
  return {
    ask: (request: Parameters<typeof merges.ask>[0]) =>
      process.call('redis', 'ask for a merge', () => merges.ask(request)),
    close: async () => undefined,
  }
}

export function activeThrough({ process, world }: ProcessInWorld) {
  return {
    add: (...args: Parameters<World['active']['add']>) =>
      process.call('redis', 'active add', () => world.active.add(...args)),
    list: () => process.call('redis', 'active list', () => world.active.list()),
    remove: (sweep: string) => process.call('redis', 'active remove', () => world.active.remove(sweep)),
  }
}

export function spoolThrough({ process }: ProcessInWorld, spool: Spool): Spool {
  return {
    put: (result) => process.call('host', 'spool put', () => spool.put(result)),
    waiting: () => process.call('host', 'spool waiting', () => spool.waiting()),
    depth: () => process.call('host', 'spool depth', () => spool.depth()),
    remove: (result) => process.call('host', 'spool remove', () => spool.remove(result)),
  }
}

export function validatorThrough({
  process,
  validator,
}: ProcessInWorld & { readonly validator: Validator }): Validator {
  return {
    validate: (bytes, expectation) => process.call('host', 'validate', () => validator.validate(bytes, expectation)),
    close: async () => undefined,
  }
}

export function consumerThrough(process: SimulatedProcess, consumer: MemoryQueueConsumer): QueueConsumer {
  return {
    setConcurrency: (slots) => consumer.setConcurrency(slots),
    demand: () => process.call('redis', 'demand', () => consumer.demand()),
    drain: () => consumer.drain(),
  }
}
