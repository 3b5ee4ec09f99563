import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type ConfigurationState, packCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { begin, cell, ledgerOf, newSweep, type OpenLedger, rejectsWith, revision, settle } from './ledger-hands.ts'

/** What becomes of a ledger as a whole: it is created and extended, configurations are opened again and selected, merges are noted. */
export function ledgerLifeContract(open: OpenLedger): void {
  describe('creating and extending', () => {
    it('has what it was created with', async () => {
      const ledger = open(newSweep())
      assert.equal(await ledger.summary(), undefined)
      const cells = Uint8Array.of(packCell('pending', 2), packCell('committed', 1), packCell('dead-failed', 0))
      const creation = { manifest: 7, cells, epochs: new Map([[2, 5]]), instance: 'an instance' }
      assert.equal(await ledger.create(creation), 'created')
      const counts = {
        pending: 1,
        running: 0,
        retrying: 0,
        committed: 1,
        'dead-corrupt': 0,
        'dead-failed': 1,
        cancelled: 0,
      }
      const expected = { total: 3, counts, manifest: 7, revision: 0, mergedRevision: -1, instance: 'an instance' }
      assert.deepEqual(await ledger.summary(), expected)
      assert.deepEqual(await ledger.cells(), cells)
      assert.deepEqual(await ledger.epochs(), new Map([[2, 5]]))
      assert.deepEqual(await ledger.running(), [])
    })

    it('is created once', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      const again = { manifest: 2, cells: new Uint8Array(9), epochs: new Map(), instance: 'second' }
      assert.equal(await ledger.create(again), 'exists')
      assert.equal((await ledger.summary())!.instance, 'first')
      assert.equal(await cell(ledger), 'running 1')
    })

    it('can be created without a configuration', async () => {
      const ledger = open(newSweep())
      await ledger.create({ manifest: 1, cells: new Uint8Array(), epochs: new Map(), instance: 'i' })
      assert.equal((await ledger.cells()).length, 0)
      assert.equal((await ledger.summary())!.total, 0)
    })

    it('appends the configurations of a newer manifest, once', async () => {
      const ledger = await ledgerOf(open, 'committed', 'pending')
      const extension = {
        manifest: 2,
        fromTotal: 2,
        cells: Uint8Array.of(packCell('pending', 0), packCell('committed', 0)),
      }
      assert.equal(await ledger.extend(extension), 'extended')
      assert.equal(await ledger.extend(extension), 'repeated')
      const { total, manifest, counts, revision } = (await ledger.summary())!
      assert.deepEqual({ total, manifest, revision }, { total: 4, manifest: 2, revision: 1 })
      assert.deepEqual([counts.pending, counts.committed], [2, 2])
      assert.deepEqual([...(await ledger.cells())].map(stateOfCell), ['committed', 'pending', 'pending', 'committed'])
    })

    it('refuses an extension that does not begin where it ends', async () => {
      const ledger = await ledgerOf(open)
      await rejectsWith(ledger.extend({ manifest: 2, fromTotal: 3, cells: new Uint8Array(1) }), 'LEDGER_MISMATCH')
      await rejectsWith(ledger.extend({ manifest: 2, fromTotal: 5, cells: new Uint8Array(1) }), 'LEDGER_MISMATCH')
      assert.equal((await ledger.summary())!.total, 4)
    })

    it('takes in no cell that is running or no state', async () => {
      const ledger = open(newSweep())
      for (const wrong of [packCell('running', 1), 0x0f]) {
        const cells = Uint8Array.of(wrong)
        await rejectsWith(ledger.create({ manifest: 1, cells, epochs: new Map(), instance: 'i' }), 'LEDGER_MISMATCH')
      }
      assert.equal(await ledger.summary(), undefined)
    })

    it('says that there is no ledger, in every method', async () => {
      const ledger = await ledgerOf(open)
      await ledger.remove()
      await ledger.remove()
      assert.equal(await ledger.summary(), undefined)
      const calls = [
        () => ledger.extend({ manifest: 2, fromTotal: 4, cells: new Uint8Array(1) }),
        () => ledger.cells(),
        () => ledger.epochs(),
        () => ledger.running(),
        () => begin(ledger, 'a'),
        () => settle(ledger, 'a', 'committed'),
        () => ledger.reopen({ index: 0, epoch: 0 }),
        () => ledger.select({ indices: [0], as: 'cancelled' }),
        () => ledger.repeatRunning([], 1),
        () => ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1 }),
        () => ledger.markMerged({ revision: 1, instance: 'first' }),
        () => ledger.trials(),
        () => ledger.forgetRow(),
        () => ledger.setAside(['h']),
        () => ledger.isSetAside('h'),
        () => ledger.owedBy('h'),
        () => ledger.giveBack({ host: 'h', indices: [0] }),
      ]
      for (const call of calls) await rejectsWith(call(), 'LEDGER_ABSENT')
    })

    it('forgets everything when it is removed', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await begin(ledger, 'b', { index: 1 })
      await settle(ledger, 'b', 'retrying', { index: 1 })
      await ledger.reopen({ index: 2, epoch: 0 })
      await ledger.remove()
      await ledger.create({ manifest: 1, cells: new Uint8Array(4), epochs: new Map(), instance: 'second' })
      assert.deepEqual(await ledger.running(), [])
      assert.deepEqual(await ledger.epochs(), new Map())
      assert.equal(await settle(ledger, 'b', 'retrying', { index: 1 }), 'fenced')
    })

    it('does not know configurations beyond its end', async () => {
      const ledger = await ledgerOf(open)
      await rejectsWith(begin(ledger, 'a', { index: 4 }), 'LEDGER_MISMATCH')
      await rejectsWith(settle(ledger, 'a', 'committed', { index: 4 }), 'LEDGER_MISMATCH')
      await rejectsWith(ledger.reopen({ index: 4, epoch: 0 }), 'LEDGER_MISMATCH')
      await rejectsWith(ledger.takeBack({ index: 4, attempt: 'a', olderThan: 1 }), 'LEDGER_MISMATCH')
      assert.equal(await ledger.select({ indices: [4, 400], as: 'cancelled' }), 0)
      assert.deepEqual(await ledger.repeatRunning([{ index: 4, attempt: 'a', epoch: 0, worker: 'w' }], 1), [])
      assert.equal((await ledger.cells()).length, 4)
    })
  })

  describe('reopening', () => {
    it('opens the next epoch with every attempt, from any state, once', async () => {
      const ledger = await ledgerOf(open, 'committed', 'dead-failed', 'pending', 'cancelled')
      await begin(ledger, 'a', { index: 2 })
      for (const index of [0, 1, 2, 3]) {
        assert.equal(await ledger.reopen({ index, epoch: 0 }), 'reopened')
        assert.equal(await ledger.reopen({ index, epoch: 0 }), 'stale')
        assert.equal(await cell(ledger, index), 'pending 0')
      }
      assert.deepEqual(await ledger.epochs(), new Map([0, 1, 2, 3].map((index) => [index, 1])))
      assert.deepEqual(await ledger.running(), [])
      assert.equal(await revision(ledger), 4)
      assert.deepEqual(await begin(ledger, 'b', { index: 1 }), {
        outcome: 'begun',
        epoch: 1,
        spent: 1,
        superseded: [],
      })
      assert.equal((await ledger.running())[0]!.epoch, 1)
    })

    it('stops the attempt of the epoch before', async () => {
      const ledger = await ledgerOf(open)
      await begin(ledger, 'a')
      await ledger.reopen({ index: 0, epoch: 0 })
      assert.deepEqual(await ledger.repeatRunning([{ index: 0, attempt: 'a', epoch: 0, worker: 'w' }], 1), [0])
    })
  })

  describe('selecting', () => {
    it('cancels what waits and brings it back with every attempt', async () => {
      const ledger = await ledgerOf(open, 'pending', 'pending', 'committed', 'dead-failed', 'pending')
      await begin(ledger, 'a')
      await settle(ledger, 'a', 'retrying')
      await begin(ledger, 'b', { index: 4 })
      const indices = [0, 1, 2, 3, 4]
      assert.equal(await ledger.select({ indices, as: 'cancelled' }), 3)
      assert.equal(await ledger.select({ indices, as: 'cancelled' }), 0)
      const states = async () => [...(await ledger.cells())].map(stateOfCell)
      assert.deepEqual(await states(), ['cancelled', 'cancelled', 'committed', 'dead-failed', 'cancelled'])
      assert.equal(await revision(ledger), 1)
      assert.equal(await ledger.select({ indices, as: 'pending' }), 3)
      assert.equal(await ledger.select({ indices, as: 'pending' }), 0)
      assert.equal(await cell(ledger), 'pending 0')
      assert.equal(await revision(ledger), 2)
      assert.equal((await ledger.summary())!.counts.cancelled, 0)
    })

    it('takes what runs from its worker, which hears of it at its next beat and settles nothing any more', async () => {
      const ledger = await ledgerOf(open, 'pending', 'pending')
      await begin(ledger, 'a')
      await begin(ledger, 'b', { index: 1 })
      assert.equal(await ledger.select({ indices: [0, 1], as: 'cancelled' }), 2)
      assert.deepEqual(await ledger.running(), [])
      assert.equal((await ledger.summary())!.counts.running, 0)
      assert.deepEqual(await ledger.repeatRunning([{ index: 0, attempt: 'a', epoch: 0, worker: 'w' }], 5), [0])
      for (const settlement of ['handed-back', 'retrying', 'dead-failed'] as const) {
        assert.equal(await settle(ledger, 'a', settlement), 'fenced')
      }
      assert.deepEqual(await begin(ledger, 'c'), { outcome: 'cancelled', epoch: 0 })
      assert.equal(await settle(ledger, 'b', 'committed', { index: 1 }), 'settled', 'a commit that came first counts')
      const { counts } = (await ledger.summary())!
      assert.deepEqual([counts.cancelled, counts.committed, counts.pending], [1, 1, 0])
    })

    it('takes an empty selection', async () => {
      assert.equal(await (await ledgerOf(open)).select({ indices: [], as: 'cancelled' }), 0)
    })
  })

  describe('merging', () => {
    it('remembers the newest revision that a merge covered', async () => {
      const ledger = await ledgerOf(open)
      for (const index of [0, 1]) await settle(ledger, 'a', 'committed', { index })
      for (const [covered, expected] of [
        [0, 0],
        [2, 2],
        [1, 2],
      ] as const) {
        await ledger.markMerged({ revision: covered, instance: 'first' })
        assert.equal((await ledger.summary())!.mergedRevision, expected)
      }
    })

    it('takes no merge for one of its own that covers more than it has come to', async () => {
      const ledger = await ledgerOf(open)
      await settle(ledger, 'a', 'committed')
      await ledger.markMerged({ revision: 2, instance: 'first' })
      assert.equal((await ledger.summary())!.mergedRevision, -1)
    })

    it('does not take the merge of a ledger before it for one of its own', async () => {
      const ledger = await ledgerOf(open)
      await ledger.remove()
      await ledger.create({ manifest: 1, cells: new Uint8Array(4), epochs: new Map(), instance: 'second' })
      await ledger.markMerged({ revision: 5, instance: 'first' })
      assert.equal((await ledger.summary())!.mergedRevision, -1)
    })

    it('sees exactly one of many settlements at once as the last', async () => {
      const ledger = await ledgerOf(open, ...Array<ConfigurationState>(40).fill('pending'))
      const indices = Array.from({ length: 40 }, (_, index) => index)
      await Promise.all(indices.map((index) => begin(ledger, `a${index}`, { index })))
      const settled = await Promise.all(
        [...indices, ...indices].map((index) =>
          ledger.settle({ index, attempt: `a${index}`, epoch: 0, settlement: 'committed' }),
        ),
      )
      assert.equal(settled.filter(({ outcome, open }) => outcome === 'settled' && open === 0).length, 1)
      assert.equal(await revision(ledger), 40)
    })
  })
}
