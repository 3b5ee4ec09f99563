import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { activeSweepsContract } from '../../../test/contracts/active-sweeps.contract.ts'
import { ledgerContract } from '../../../test/contracts/ledger.contract.ts'
import { trialsContract } from '../../../test/contracts/trials.contract.ts'
import { applyToLedger, randomOperations } from '../../../test/fixtures/ledger-operations.ts'
import { startTestRedis } from '../../../test/fixtures/redis.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import type { Settlement } from './ledger.ts'
import { createMemoryLedger } from './memory-ledger.ts'
import { openRedisActiveSweeps } from './redis-active-sweeps.ts'
import { openRedisLedger } from './redis-ledger.ts'
import { packCell } from './states.ts'

const server = await startTestRedis()
const redis = server.connect()

ledgerContract('redis', (sweep) => openRedisLedger(redis, sweep))
trialsContract('redis', (sweep) => openRedisLedger(redis, sweep))
activeSweepsContract('redis', async () => {
  await redis.del('windrow:sweeps')
  return openRedisActiveSweeps(redis)
})

describe('redis ledger', () => {
  it('does what the memory ledger does, over random sequences of operations', async () => {
    let operations = 0
    for (let seed = 1; seed <= 60; seed++) {
      const [memory, real] = [createMemoryLedger('same'), openRedisLedger(redis, `same-${seed}`)]
      for (const [step, operation] of randomOperations(seed, 60).entries()) {
        const [expected, actual] = [await applyToLedger(memory, operation), await applyToLedger(real, operation)]
        assert.deepEqual(actual, expected, `seed ${seed}, step ${step}: ${JSON.stringify(operation)}`)
        operations++
      }
    }
    assert.equal(operations, 3600)
  })

  it('answers each of many requests at once as it would by itself', async () => {
    const ledger = openRedisLedger(redis, 'at-once')
    const cells = Uint8Array.from([
      packCell('pending', 0),
      packCell('committed', 1),
      packCell('pending', 3),
      packCell('dead-failed', 3),
      packCell('pending', 1),
    ])
    await ledger.create({ manifest: 1, cells, epochs: new Map([[4, 2]]), instance: 'i' })
    const begin = (index: number, attempt: string) => ledger.begin({ index, attempt, worker: 'w', budget: 3, now: 1 })
    const unknown = begin(5, 'f')
    const begun = Promise.all([
      begin(0, 'a'),
      begin(1, 'b'),
      begin(2, 'c'),
      begin(3, 'd'),
      begin(4, 'e'),
      begin(0, 'g'),
      begin(2, 'h'),
    ])
    await assert.rejects(unknown, (error) => isWindrowError(error, 'LEDGER_MISMATCH'))
    assert.deepEqual(await begun, [
      { outcome: 'begun', epoch: 0, spent: 1, superseded: [] },
      { outcome: 'committed', epoch: 0, spent: 1, superseded: [] },
      { outcome: 'exhausted', epoch: 0, spent: 3, superseded: [] },
      { outcome: 'dead', epoch: 0 },
      { outcome: 'begun', epoch: 2, spent: 2, superseded: [] },
      { outcome: 'begun', epoch: 0, spent: 2, superseded: [{ index: 0, epoch: 0, attempt: 'a', worker: 'w' }] },
      { outcome: 'exhausted', epoch: 0, spent: 3, superseded: [{ index: 2, epoch: 0, attempt: 'c', worker: 'w' }] },
    ])
    const settle = (index: number, attempt: string, settlement: Settlement, epoch = 0) =>
      ledger.settle({ index, attempt, epoch, settlement })
    const settled = await Promise.all([
      settle(0, 'a', 'retrying'),
      settle(4, 'e', 'committed', 1),
      settle(4, 'e', 'committed', 2),
      settle(2, 'h', 'dead-failed'),
      settle(0, 'g', 'committed'),
      settle(0, 'g', 'committed'),
    ])
    assert.deepEqual(
      settled.map(({ outcome }) => outcome),
      ['fenced', 'fenced', 'settled', 'settled', 'settled', 'repeated'],
    )
    assert.equal((await ledger.summary())?.counts.committed, 3)
    assert.deepEqual(await ledger.running(), [])
    assert.equal(settled.filter(({ outcome, open }) => outcome === 'settled' && open === 0).length, 1)
  })

  it('keeps all keys of a sweep under one hash tag, and leaves none behind', async () => {
    const ledger = openRedisLedger(redis, 'tagged')
    await ledger.create({ manifest: 1, cells: new Uint8Array(3), epochs: new Map([[1, 2]]), instance: 'i' })
    await ledger.begin({ index: 0, attempt: 'a', worker: 'w', budget: 3, now: 1 })
    await ledger.begin({ index: 1, attempt: 'b', worker: 'w', budget: 3, now: 1 })
    const trial = { host: 'w', fingerprint: 'of old age', blamesHost: true }
    await ledger.settle({ index: 1, attempt: 'b', epoch: 2, settlement: 'retrying', trial })
    assert.equal((await redis.keys('windrow:{tagged}:*')).length, 7)
    await ledger.remove()
    assert.deepEqual(await redis.keys('*tagged*'), [])
  })

  it('holds a million configurations in about a megabyte', async () => {
    const ledger = openRedisLedger(redis, 'million')
    await ledger.create({ manifest: 1, cells: new Uint8Array(1_000_000), epochs: new Map(), instance: 'i' })
    await ledger.begin({ index: 999_999, attempt: 'a', worker: 'w', budget: 3, now: 1 })
    assert.equal((await ledger.cells())[999_999], 0x11)
    const memory = await redis.memory('USAGE', 'windrow:{million}:cells')
    assert.ok(memory !== null && memory < 1_200_000, `${memory} bytes`)
    await ledger.remove()
  })

  it('goes on when Redis has forgotten the scripts', async () => {
    const ledger = openRedisLedger(redis, 'forgetful')
    await ledger.create({ manifest: 1, cells: new Uint8Array(2), epochs: new Map(), instance: 'i' })
    await redis.script('FLUSH')
    assert.equal((await ledger.begin({ index: 0, attempt: 'a', worker: 'w', budget: 3, now: 1 })).outcome, 'begun')
  })

  it('says that Redis is full, and has changed nothing', async () => {
    const ledger = openRedisLedger(redis, 'full')
    await ledger.create({ manifest: 1, cells: new Uint8Array(2), epochs: new Map(), instance: 'i' })
    await redis.config('SET', 'maxmemory', '1mb')
    try {
      const begin = () => ledger.begin({ index: 0, attempt: 'a', worker: 'w', budget: 3, now: 1 })
      await assert.rejects(begin(), (error) => isWindrowError(error, 'REDIS_FULL'))
      assert.deepEqual(await ledger.cells(), new Uint8Array(2))
    } finally {
      await redis.config('SET', 'maxmemory', '0')
    }
    assert.equal((await ledger.summary())?.counts.pending, 2)
  })
})
