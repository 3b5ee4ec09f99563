import { Histogram } from 'prom-client'
import { isWindrowError } from '../errors/windrow-error.ts'
import type { Store } from '../store/store.ts'
import type { Metrics } from './metrics.ts'

/**
 * The same store, with the time that each of its operations takes. The outcome is `ok`, or what the answer was (`created`,
 * `exists`, `absent`), or the code of the error.
 */
export function observeStore(store: Store, { registry }: Metrics): Store {
  const durations = new Histogram({
    name: 'windrow_store_operation_duration_seconds',
    help: 'Time a call of the store took, by operation and outcome.',
    labelNames: ['operation', 'outcome'],
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
    registers: [registry],
  })
  const timed = async <Answer>(
    operation: string,
    call: () => Promise<Answer>,
    outcomeOf: (answer: Answer) => string = () => 'ok',
  ): Promise<Answer> => {
    const end = durations.startTimer({ operation })
    try {
      const answer = await call()
      end({ outcome: outcomeOf(answer) })
      return answer
    } catch (error) {
      end({ outcome: failureOf(error) })
      throw error
    }
  }
  return {
    url: store.url,
    create: (name, bytes) => timed('create', () => store.create(name, bytes), String),
    createFromFile: (name, path) => timed('create_from_file', () => store.createFromFile(name, path), String),
    read: (name) => timed('read', () => store.read(name), foundOr('absent')),
    readToFile: (name, path) => timed('read_to_file', () => store.readToFile(name, path), foundOr('absent')),
    list: (prefix) =>
      listed(store.list(prefix), (seconds, outcome) => durations.observe({ operation: 'list', outcome }, seconds)),
    folders: (prefix) => timed('folders', () => store.folders(prefix)),
    remove: (name) => timed('remove', () => store.remove(name)),
  }
}

/** A listing takes as long as the store is waited for; what is done with its objects in between is not its time. */
async function* listed<Item>(
  items: AsyncIterable<Item>,
  observe: (seconds: number, outcome: string) => void,
): AsyncGenerator<Item> {
  let outcome = 'ok'
  let waitedMs = 0
  let since = performance.now()
  try {
    for await (const item of items) {
      waitedMs += performance.now() - since
      yield item
      since = performance.now()
    }
    waitedMs += performance.now() - since
  } catch (error) {
    waitedMs += performance.now() - since
    outcome = failureOf(error)
    throw error
  } finally {
    observe(waitedMs / 1000, outcome)
  }
}

const foundOr = (otherwise: string) => (answer: unknown) => (answer ? 'ok' : otherwise)

const failureOf = (error: unknown) => (isWindrowError(error) ? error.code : 'FAILED')
