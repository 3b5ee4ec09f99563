import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storeContract } from '../../../test/contracts/store.contract.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { isWindrowError, WindrowError } from '../errors/windrow-error.ts'
import { createMemoryStore } from './memory-store.ts'
import type { Store } from './store.ts'
import { type StoreRetries, withRetries } from './with-retries.ts'

const never = { retries: 3, firstPauseMs: 100, longestPauseMs: 300 }
const randomness = { id: () => '0', uniform: () => 0.5 }

function recordingClock(): StoreRetries['clock'] & { pauses: number[] } {
  const pauses: number[] = []
  return { pauses, now: () => 0, sleep: async (ms) => void pauses.push(ms) }
}

/** A store whose calls fail with `code` as often as `failures` says. */
function failing(store: Store, { code, failures }: { code: ErrorCode; failures: number }): Store {
  let left = failures
  const orFail = <Result>(call: () => Result): Result => {
    if (left-- > 0) throw new WindrowError(code, { message: 'as the test wants it' })
    return call()
  }
  return {
    ...store,
    url: store.url,
    create: async (name, bytes) => orFail(() => store.create(name, bytes)),
    read: async (name) => orFail(() => store.read(name)),
    list: (prefix) =>
      (async function* () {
        yield* orFail(() => store.list(prefix))
      })(),
  }
}

storeContract('memory, with retries', async () => ({
  store: withRetries(createMemoryStore(), { ...never, clock: recordingClock(), randomness }),
  close: async () => {},
}))

describe('with retries', () => {
  it('repeats a transient failure after growing pauses, up to the longest', async () => {
    const clock = recordingClock()
    const store = failing(createMemoryStore(), { code: 'STORE_UNAVAILABLE', failures: 3 })
    assert.equal(await withRetries(store, { ...never, clock, randomness }).create('a', Buffer.from('x')), 'created')
    assert.deepEqual(clock.pauses, [50, 100, 150])
  })

  it('passes the error on when the repetitions are used up', async () => {
    const clock = recordingClock()
    const store = failing(createMemoryStore(), { code: 'STORE_FULL', failures: 9 })
    const read = withRetries(store, { ...never, clock, randomness }).read('a')
    await assert.rejects(read, (error) => isWindrowError(error, 'STORE_FULL'))
    assert.equal(clock.pauses.length, 3)
  })

  it('repeats nothing that cannot heal', async () => {
    const clock = recordingClock()
    const store = failing(createMemoryStore(), { code: 'STORE_NAME_INVALID', failures: 1 })
    await assert.rejects(withRetries(store, { ...never, clock, randomness }).read('a'))
    assert.deepEqual(clock.pauses, [])
  })

  it('repeats nothing once the signal has aborted', async () => {
    const clock = recordingClock()
    const store = failing(createMemoryStore(), { code: 'STORE_UNAVAILABLE', failures: 1 })
    const read = withRetries(store, { ...never, clock, randomness, signal: AbortSignal.abort() }).read('a')
    await assert.rejects(read, (error) => isWindrowError(error, 'STORE_UNAVAILABLE'))
    assert.deepEqual(clock.pauses, [])
  })

  it('repeats a listing that failed at its beginning', async () => {
    const memory = createMemoryStore()
    await memory.create('a/1', Buffer.from('x'))
    const store = failing(memory, { code: 'STORE_UNAVAILABLE', failures: 2 })
    const found: string[] = []
    const retried = withRetries(store, { ...never, clock: recordingClock(), randomness })
    for await (const { name } of retried.list('a/')) found.push(name)
    assert.deepEqual(found, ['a/1'])
  })
})
