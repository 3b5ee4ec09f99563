import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { type ConfigurationState, configurationStates, packCell } from '@windrow/common/ledger/states.ts'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { createSettledLook } from './look-whether-settled.ts'

/** A look at a ledger and a store that say what they are told, and how often the store was asked. */
function bench() {
  const world = {
    now: 0,
    asked: 0,
    ledger: undefined as ConfigurationState[] | undefined,
    store: [] as ConfigurationState[] | WindrowError,
  }
  const look = createSettledLook({
    summaryOf: async () => world.ledger && summaryOf(world.ledger),
    async cellsOf() {
      world.asked++
      if (world.store instanceof WindrowError) throw world.store
      return Uint8Array.from(world.store, (state) => packCell(state, 1))
    },
    clock: { now: () => world.now, sleep: () => Promise.resolve() },
    logger: silentLogger(),
  })
  return { world, look: () => look('small') }
}

function summaryOf(states: ConfigurationState[]): LedgerSummary {
  const counts = Object.fromEntries(
    configurationStates.map((state) => [state, states.filter((s) => s === state).length]),
  )
  return { total: states.length, counts, manifest: 0, revision: 0, mergedRevision: 0, instance: 'a' } as LedgerSummary
}

const settled: ConfigurationState[] = ['committed', 'dead-failed', 'dead-corrupt', 'cancelled']

describe('whether a sweep is settled', () => {
  it('is not asked of the store while the ledger knows of open configurations', async () => {
    const { world, look } = bench()
    world.store = settled
    for (const open of ['pending', 'running', 'retrying'] as const) {
      world.ledger = ['committed', open]
      assert.equal(await look(), false, open)
    }
    assert.equal(world.asked, 0)
    world.ledger = settled
    assert.equal(await look(), true)
  })

  it('is for the store to say when there is no ledger, or one that the store does not bear out', async () => {
    const { world, look } = bench()
    world.store = settled
    assert.equal(await look(), true)
    world.now += 60_000
    world.ledger = settled
    world.store = ['committed', 'pending']
    assert.equal(await look(), false)
  })

  it('is asked of the store ever more rarely, and at once when the ledger has just settled', async () => {
    const { world, look } = bench()
    world.store = ['pending']
    for (; world.now < 3_600_000; world.now += 500) assert.equal(await look(), false)
    assert.ok(world.asked > 55 && world.asked < 80, `asked ${world.asked} times in an hour`)
    world.ledger = ['running']
    await look()
    Object.assign(world, { ledger: ['committed'], store: ['committed'] })
    assert.equal(await look(), true)
  })

  it('is not so of a sweep that the store does not know, or while it is away', async () => {
    const { world, look } = bench()
    for (const code of ['SWEEP_UNKNOWN', 'STORE_UNAVAILABLE', 'STORE_RECORD_INVALID'] as const) {
      world.store = new WindrowError(code, { message: code })
      assert.equal(await look(), false)
      world.now += 60_000
    }
  })
})
