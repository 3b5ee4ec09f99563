import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Settlement } from '@windrow/common/ledger/ledger.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { begin, cell, ledgerOf, type OpenLedger, revision, settle } from './ledger-hands.ts'

/** What becomes of attempts: they begin, are settled, say that they live, and are taken back. */
export function ledgerAttemptsContract(open: OpenLedger): void {
  describe('beginning', () => {
    it('runs a pending configuration and spends an attempt', async () => {
      const ledger = await ledgerOf(open)
      assert.deepEqual(await begin(ledger, 'a', { now: 1234 }), {
        outcome: 'begun',
        epoch: 0,
        spent: 1,
        superseded: [],
      })
      assert.equal(await cell(ledger), 'running 1')
      const running = [{ index: 0, attempt: 'a', epoch: 0, worker: 'worker of a', beatAt: 1234 }]
      assert.deepEqual(await ledger.running(), running)
      assert.equal(await revision(ledger), 0)
    })

    it('spends nothing when it is repeated', async () => {
      const ledger = await ledgerOf(open)
      const first = await begin(ledger, 'a')
      assert.deepEqual(await begin(ledger, 'a', { now: 2000 }), first)
      assert.equal(await cell(ledger), 'running 1')
    })

    it('takes over from a lost worker, whose attempt stays spent, and says so every time', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      const superseded = [{ index: 0, attempt: 'a', epoch: 0, worker: 'worker of a' }]
      const expected = { outcome: 'begun', epoch: 0, spent: 2, superseded }
      assert.deepEqual(await begin(ledger, 'b'), expected)
      assert.deepEqual(await begin(ledger, 'b'), expected)
      assert.equal(await cell(ledger), 'running 2')
    })

    it('names everyone who was lost one after the other: whoever took over may not have come to record it', async () => {
      const ledger = await ledgerOf(open)
      await ledger.begin({ index: 0, attempt: 'a', worker: '1,5|%2C', budget: 3, now: 1 })
      await begin(ledger, 'b')
      const lost = { index: 0, epoch: 0 }
      const superseded = [
        { ...lost, attempt: 'a', worker: '1,5|%2C' },
        { ...lost, attempt: 'b', worker: 'worker of b' },
      ]
      assert.deepEqual(await begin(ledger, 'c'), { outcome: 'begun', epoch: 0, spent: 3, superseded })
      superseded.push({ ...lost, attempt: 'c', worker: 'worker of c' })
      assert.deepEqual(await begin(ledger, 'd'), { outcome: 'exhausted', epoch: 0, spent: 3, superseded })
      assert.equal(await settle(ledger, 'd', 'dead-failed'), 'settled')
    })

    it('says that every attempt is spent, and lets the caller write the end', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a', { budget: 1 })
      const superseded = [{ index: 0, attempt: 'a', epoch: 0, worker: 'worker of a' }]
      const expected = { outcome: 'exhausted', epoch: 0, spent: 1, superseded }
      assert.deepEqual(await begin(ledger, 'b', { budget: 1 }), expected)
      assert.deepEqual(await begin(ledger, 'b', { budget: 1 }), expected)
      assert.equal(await cell(ledger), 'running 1')
      assert.equal(await settle(ledger, 'a', 'retrying'), 'fenced')
      assert.equal(await settle(ledger, 'b', 'dead-failed'), 'settled')
      assert.equal(await cell(ledger), 'dead-failed 1')
    })

    it('begins nothing that is over, and names its epoch', async () => {
      const ledger = await ledgerOf(open, 'committed', 'dead-failed', 'dead-corrupt', 'cancelled')
      const outcomes = ['committed', 'dead', 'dead', 'cancelled']
      for (const [index, outcome] of outcomes.entries()) {
        const more = outcome === 'committed' ? { spent: 0, superseded: [] } : {}
        assert.deepEqual(await begin(ledger, 'a', { index }), { outcome, epoch: 0, ...more })
      }
      assert.deepEqual(await ledger.running(), [])
    })

    it('takes attempts and workers by any name', async () => {
      const ledger = await ledgerOf(open)
      const strange = { attempt: 'a|b %7C', worker: 'host|1\n→' }
      await ledger.begin({ index: 0, ...strange, budget: 3, now: 5 })
      assert.deepEqual(await ledger.running(), [{ index: 0, ...strange, epoch: 0, beatAt: 5 }])
      const { outcome, ...rest } = await begin(ledger, 'c')
      assert.deepEqual(
        { outcome, ...rest },
        { outcome: 'begun', epoch: 0, spent: 2, superseded: [{ index: 0, epoch: 0, ...strange }] },
      )
    })
  })

  describe('settling', () => {
    const ends: [Settlement, string, number][] = [
      ['committed', 'committed 1', 1],
      ['retrying', 'retrying 1', 0],
      ['dead-failed', 'dead-failed 1', 1],
      ['dead-corrupt', 'dead-corrupt 1', 1],
      ['handed-back', 'pending 0', 0],
    ]
    for (const [settlement, becomes, revisions] of ends) {
      it(`ends an attempt as ${settlement}, once`, async () => {
        const ledger = await ledgerOf(open)
        await begin(ledger, 'a')
        assert.equal(await settle(ledger, 'a', settlement), 'settled')
        assert.equal(await cell(ledger), becomes)
        assert.equal(await settle(ledger, 'a', settlement), 'repeated')
        assert.equal(await cell(ledger), becomes)
        assert.deepEqual(await ledger.running(), [])
        assert.equal(await revision(ledger), revisions)
      })
    }

    it('counts what is still open', async () => {
      const ledger = await ledgerOf(open, 'pending', 'retrying', 'committed', 'cancelled')
      await begin(ledger, 'a')
      await begin(ledger, 'b', { index: 1 })
      const request = { index: 0, attempt: 'a', epoch: 0, settlement: 'committed' } as const
      assert.deepEqual(await ledger.settle(request), { outcome: 'settled', open: 1, revision: 1 })
      assert.deepEqual(await ledger.settle(request), { outcome: 'repeated', open: 1, revision: 1 })
      const last = { ...request, index: 1, attempt: 'b', settlement: 'dead-failed' } as const
      assert.deepEqual(await ledger.settle(last), { outcome: 'settled', open: 0, revision: 2 })
    })

    it('takes a commit from anyone, in any state of the live epoch', async () => {
      const ledger = await ledgerOf(open, 'pending', 'dead-failed', 'cancelled', 'retrying', 'pending')
      await begin(ledger, 'holder', { index: 4 })
      for (const index of [0, 1, 2, 3, 4]) {
        assert.equal(await settle(ledger, 'somebody', 'committed', { index }), 'settled')
        assert.equal(stateOfCell((await ledger.cells())[index]!), 'committed')
      }
      assert.deepEqual(await ledger.running(), [])
      assert.equal(await settle(ledger, 'holder', 'committed', { index: 4 }), 'repeated')
    })

    it('names who was at it when another committed, until the last of them is known to be on record', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await ledger.begin({ index: 0, attempt: 'b,1', worker: 'w|2', budget: 3, now: 1 })
      assert.equal(await settle(ledger, 'a', 'committed'), 'settled')
      const superseded = [
        { index: 0, epoch: 0, attempt: 'a', worker: 'worker of a' },
        { index: 0, epoch: 0, attempt: 'b,1', worker: 'w|2' },
      ]
      for (const attempt of ['c', 'd']) {
        assert.deepEqual(await begin(ledger, attempt), { outcome: 'committed', epoch: 0, spent: 2, superseded })
      }
      assert.equal(await settle(ledger, 'a', 'committed'), 'repeated')
      assert.deepEqual(await begin(ledger, 'e'), { outcome: 'committed', epoch: 0, spent: 2, superseded })
      assert.equal(await settle(ledger, 'b,1', 'committed'), 'repeated')
      assert.deepEqual(await begin(ledger, 'f'), { outcome: 'committed', epoch: 0, spent: 2, superseded: [] })
    })

    it('never takes a commit away', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await settle(ledger, 'b', 'committed')
      for (const settlement of ['retrying', 'dead-failed', 'dead-corrupt', 'handed-back'] as const) {
        assert.equal(await settle(ledger, 'a', settlement), 'fenced')
      }
      assert.deepEqual(await ledger.repeatRunning([{ index: 0, attempt: 'a', epoch: 0, worker: 'w' }], 1), [0])
      assert.equal(await ledger.select({ indices: [0], as: 'cancelled' }), 0)
      assert.equal(await cell(ledger), 'committed 1')
    })

    it('fences an attempt that was taken over from', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await begin(ledger, 'b')
      for (const settlement of ['retrying', 'dead-failed', 'handed-back'] as const) {
        assert.equal(await settle(ledger, 'a', settlement), 'fenced')
      }
      assert.equal(await cell(ledger), 'running 2')
      assert.equal(await settle(ledger, 'b', 'retrying'), 'settled')
      assert.equal(await settle(ledger, 'a', 'retrying'), 'fenced')
      assert.equal(await settle(ledger, 'b', 'dead-failed'), 'fenced')
    })

    it('fences everything of an epoch that is over or not yet open, commits too', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await ledger.reopen({ index: 0, epoch: 0 })
      for (const epoch of [0, 2]) assert.equal(await settle(ledger, 'a', 'committed', { epoch }), 'fenced')
      assert.equal(await settle(ledger, 'a', 'dead-failed'), 'fenced')
      assert.equal(await cell(ledger), 'pending 0')
      assert.equal(await settle(ledger, 'a', 'committed', { epoch: 1 }), 'settled')
    })

    it('gives an attempt back that was handed back, but none that only took over to write the end', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await settle(ledger, 'a', 'retrying')
      await begin(ledger, 'b')
      await settle(ledger, 'b', 'handed-back')
      assert.equal(await cell(ledger), 'pending 1')
      await begin(ledger, 'c', { budget: 1 })
      await settle(ledger, 'c', 'handed-back')
      assert.equal(await cell(ledger), 'pending 1')
    })

    it('ends every one of 15 attempts', async () => {
      const ledger = await ledgerOf(open)
      for (let i = 1; i <= 15; i++) {
        assert.deepEqual(await begin(ledger, `a${i}`, { budget: 15 }), {
          outcome: 'begun',
          epoch: 0,
          spent: i,
          superseded: [],
        })
        await settle(ledger, `a${i}`, 'retrying')
      }
      assert.equal((await begin(ledger, 'last', { budget: 15 })).outcome, 'exhausted')
    })
  })

  describe('beats', () => {
    const running = (attempt: string, { index = 0, epoch = 0 } = {}) => ({ index, attempt, epoch, worker: 'w' })

    it('are kept for the holder, and name what somebody else holds or what is settled', async () => {
      const ledger = await ledgerOf(open, 'pending', 'pending', 'committed', 'cancelled')
      await begin(ledger, 'a')
      await begin(ledger, 'b', { index: 1 })
      const beats = [running('a'), running('x', { index: 1 }), running('y', { index: 2 }), running('z', { index: 3 })]
      assert.deepEqual(await ledger.repeatRunning(beats, 5000), [1, 2, 3])
      const beatOf = new Map((await ledger.running()).map(({ attempt, beatAt }) => [attempt, beatAt]))
      assert.deepEqual(
        beatOf,
        new Map([
          ['a', 5000],
          ['b', 1000],
        ]),
      )
    })

    it('adopt what runs after the ledger was made anew, and count the attempt', async () => {
      const ledger = await ledgerOf(open, 'pending', 'retrying', 'pending', 'dead-failed')
      const beats = [0, 1, 3].map((index) => running(`a${index}`, { index }))
      assert.deepEqual(await ledger.repeatRunning([...beats, running('old', { index: 2, epoch: 1 })], 7), [3, 2])
      assert.equal(await cell(ledger), 'running 1')
      assert.equal(await cell(ledger, 1), 'running 1')
      assert.equal(await cell(ledger, 2), 'pending 0')
      assert.deepEqual(await begin(ledger, 'a0'), { outcome: 'begun', epoch: 0, spent: 1, superseded: [] })
      assert.equal(await settle(ledger, 'a0', 'handed-back'), 'settled')
      assert.equal(await cell(ledger), 'pending 0')
      assert.equal(await settle(ledger, 'a1', 'committed', { index: 1 }), 'settled')
    })

    it('bring nothing back that its own worker has settled', async () => {
      const ledger = await ledgerOf(open)
      for (const settlement of ['retrying', 'handed-back'] as const) {
        await begin(ledger, settlement)
        await settle(ledger, settlement, settlement)
        const before = await cell(ledger)
        assert.deepEqual(await ledger.repeatRunning([running(settlement)], 1), [0])
        assert.equal(await cell(ledger), before)
      }
    })

    it('cost nothing more when a worker comes back from which its work was taken', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      assert.equal(await ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1001 }), true)
      assert.deepEqual(await ledger.repeatRunning([running('a')], 2000), [])
      assert.equal(await cell(ledger), 'running 1')
    })
  })

  describe('taking back', () => {
    it('takes what has not been heard of, once, and leaves the attempt spent', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a', { now: 1000 })
      assert.equal(await ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1000 }), false)
      assert.equal(await ledger.takeBack({ index: 0, attempt: 'b', olderThan: 9000 }), false)
      assert.equal(await ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1001 }), true)
      assert.equal(await ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1001 }), true)
      assert.equal(await cell(ledger), 'pending 1')
      assert.deepEqual(await ledger.running(), [])
      assert.equal(await revision(ledger), 0)
      assert.equal(await settle(ledger, 'a', 'retrying'), 'fenced')
      assert.equal(await settle(ledger, 'a', 'committed'), 'settled')
      assert.equal(await ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1001 }), false)
    })
  })
}
