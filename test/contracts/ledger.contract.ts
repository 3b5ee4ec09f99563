import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Ledger, Settlement } from '@windrow/common/ledger/ledger.ts'
import { type ConfigurationState, packCell, spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'

const rejectsWith = (promise: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(promise, (error) => isWindrowError(error, code) || assert.fail(`expected ${code}, got ${error}`))

/** What every adapter of the ledger promises. `open` gives the ledger of a sweep that has none yet. */
export function ledgerContract(adapter: string, open: (sweep: string) => Ledger): void {
  let sweeps = 0

  /** A ledger of four configurations, all pending unless said otherwise. */
  async function ledgerOf(...states: ConfigurationState[]): Promise<Ledger> {
    const ledger = open(`contract-${++sweeps}`)
    const cells = Uint8Array.from(states.length > 0 ? states : Array(4).fill('pending'), (state) => packCell(state, 0))
    assert.equal(await ledger.create({ manifest: 1, cells, epochs: new Map(), instance: 'first' }), 'created')
    return ledger
  }
  const begin = (ledger: Ledger, attempt: string, { index = 0, budget = 3, now = 1000 } = {}) =>
    ledger.begin({ index, attempt, worker: `worker of ${attempt}`, budget, now })
  const settle = async (ledger: Ledger, attempt: string, settlement: Settlement, { index = 0, epoch = 0 } = {}) =>
    (await ledger.settle({ index, attempt, epoch, settlement })).outcome
  const cell = async (ledger: Ledger, index = 0) => {
    const value = (await ledger.cells())[index]!
    return `${stateOfCell(value)} ${spentOfCell(value)}`
  }
  const revision = async (ledger: Ledger) => (await ledger.summary())!.revision

  describe(`ledger contract: ${adapter}`, () => {
    describe('creating and extending', () => {
      it('has what it was created with', async () => {
        const ledger = open(`contract-${++sweeps}`)
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
        const ledger = await ledgerOf()
        await begin(ledger, 'a')
        const again = { manifest: 2, cells: new Uint8Array(9), epochs: new Map(), instance: 'second' }
        assert.equal(await ledger.create(again), 'exists')
        assert.equal((await ledger.summary())!.instance, 'first')
        assert.equal(await cell(ledger), 'running 1')
      })

      it('can be created without a configuration', async () => {
        const ledger = open(`contract-${++sweeps}`)
        await ledger.create({ manifest: 1, cells: new Uint8Array(), epochs: new Map(), instance: 'i' })
        assert.equal((await ledger.cells()).length, 0)
        assert.equal((await ledger.summary())!.total, 0)
      })

      it('appends the configurations of a newer manifest, once', async () => {
        const ledger = await ledgerOf('committed', 'pending')
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
        const ledger = await ledgerOf()
        await rejectsWith(ledger.extend({ manifest: 2, fromTotal: 3, cells: new Uint8Array(1) }), 'LEDGER_MISMATCH')
        await rejectsWith(ledger.extend({ manifest: 2, fromTotal: 5, cells: new Uint8Array(1) }), 'LEDGER_MISMATCH')
        assert.equal((await ledger.summary())!.total, 4)
      })

      it('takes in no cell that is running or no state', async () => {
        const ledger = open(`contract-${++sweeps}`)
        for (const wrong of [packCell('running', 1), 0x0f]) {
          const cells = Uint8Array.of(wrong)
          await rejectsWith(ledger.create({ manifest: 1, cells, epochs: new Map(), instance: 'i' }), 'LEDGER_MISMATCH')
        }
        assert.equal(await ledger.summary(), undefined)
      })

      it('says that there is no ledger, in every method', async () => {
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
        await rejectsWith(begin(ledger, 'a', { index: 4 }), 'LEDGER_MISMATCH')
        await rejectsWith(settle(ledger, 'a', 'committed', { index: 4 }), 'LEDGER_MISMATCH')
        await rejectsWith(ledger.reopen({ index: 4, epoch: 0 }), 'LEDGER_MISMATCH')
        await rejectsWith(ledger.takeBack({ index: 4, attempt: 'a', olderThan: 1 }), 'LEDGER_MISMATCH')
        assert.equal(await ledger.select({ indices: [4, 400], as: 'cancelled' }), 0)
        assert.deepEqual(await ledger.repeatRunning([{ index: 4, attempt: 'a', epoch: 0, worker: 'w' }], 1), [])
        assert.equal((await ledger.cells()).length, 4)
      })
    })

    describe('beginning', () => {
      it('runs a pending configuration and spends an attempt', async () => {
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
        const first = await begin(ledger, 'a')
        assert.deepEqual(await begin(ledger, 'a', { now: 2000 }), first)
        assert.equal(await cell(ledger), 'running 1')
      })

      it('takes over from a lost worker, whose attempt stays spent, and says so every time', async () => {
        const ledger = await ledgerOf()
        await begin(ledger, 'a')
        const superseded = [{ index: 0, attempt: 'a', epoch: 0, worker: 'worker of a' }]
        const expected = { outcome: 'begun', epoch: 0, spent: 2, superseded }
        assert.deepEqual(await begin(ledger, 'b'), expected)
        assert.deepEqual(await begin(ledger, 'b'), expected)
        assert.equal(await cell(ledger), 'running 2')
      })

      it('names everyone who was lost one after the other: whoever took over may not have come to record it', async () => {
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf('committed', 'dead-failed', 'dead-corrupt', 'cancelled')
        const outcomes = ['committed', 'dead', 'dead', 'cancelled']
        for (const [index, outcome] of outcomes.entries()) {
          const more = outcome === 'committed' ? { spent: 0, superseded: [] } : {}
          assert.deepEqual(await begin(ledger, 'a', { index }), { outcome, epoch: 0, ...more })
        }
        assert.deepEqual(await ledger.running(), [])
      })

      it('takes attempts and workers by any name', async () => {
        const ledger = await ledgerOf()
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
          const ledger = await ledgerOf()
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
        const ledger = await ledgerOf('pending', 'retrying', 'committed', 'cancelled')
        await begin(ledger, 'a')
        await begin(ledger, 'b', { index: 1 })
        const request = { index: 0, attempt: 'a', epoch: 0, settlement: 'committed' } as const
        assert.deepEqual(await ledger.settle(request), { outcome: 'settled', open: 1, revision: 1 })
        assert.deepEqual(await ledger.settle(request), { outcome: 'repeated', open: 1, revision: 1 })
        const last = { ...request, index: 1, attempt: 'b', settlement: 'dead-failed' } as const
        assert.deepEqual(await ledger.settle(last), { outcome: 'settled', open: 0, revision: 2 })
      })

      it('takes a commit from anyone, in any state of the live epoch', async () => {
        const ledger = await ledgerOf('pending', 'dead-failed', 'cancelled', 'retrying', 'pending')
        await begin(ledger, 'holder', { index: 4 })
        for (const index of [0, 1, 2, 3, 4]) {
          assert.equal(await settle(ledger, 'somebody', 'committed', { index }), 'settled')
          assert.equal(stateOfCell((await ledger.cells())[index]!), 'committed')
        }
        assert.deepEqual(await ledger.running(), [])
        assert.equal(await settle(ledger, 'holder', 'committed', { index: 4 }), 'repeated')
      })

      it('names who was at it when another committed, until the last of them is known to be on record', async () => {
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
        await begin(ledger, 'a')
        await ledger.reopen({ index: 0, epoch: 0 })
        for (const epoch of [0, 2]) assert.equal(await settle(ledger, 'a', 'committed', { epoch }), 'fenced')
        assert.equal(await settle(ledger, 'a', 'dead-failed'), 'fenced')
        assert.equal(await cell(ledger), 'pending 0')
        assert.equal(await settle(ledger, 'a', 'committed', { epoch: 1 }), 'settled')
      })

      it('gives an attempt back that was handed back, but none that only took over to write the end', async () => {
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
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

    describe('reopening', () => {
      it('opens the next epoch with every attempt, from any state, once', async () => {
        const ledger = await ledgerOf('committed', 'dead-failed', 'pending', 'cancelled')
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
        const ledger = await ledgerOf()
        await begin(ledger, 'a')
        await ledger.reopen({ index: 0, epoch: 0 })
        assert.deepEqual(await ledger.repeatRunning([{ index: 0, attempt: 'a', epoch: 0, worker: 'w' }], 1), [0])
      })
    })

    describe('selecting', () => {
      it('cancels what waits and brings it back with every attempt', async () => {
        const ledger = await ledgerOf('pending', 'pending', 'committed', 'dead-failed', 'pending')
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
        const ledger = await ledgerOf('pending', 'pending')
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
        assert.equal(await (await ledgerOf()).select({ indices: [], as: 'cancelled' }), 0)
      })
    })

    describe('beats', () => {
      const running = (attempt: string, { index = 0, epoch = 0 } = {}) => ({ index, attempt, epoch, worker: 'w' })

      it('are kept for the holder, and name what somebody else holds or what is settled', async () => {
        const ledger = await ledgerOf('pending', 'pending', 'committed', 'cancelled')
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
        const ledger = await ledgerOf('pending', 'retrying', 'pending', 'dead-failed')
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
        const ledger = await ledgerOf()
        for (const settlement of ['retrying', 'handed-back'] as const) {
          await begin(ledger, settlement)
          await settle(ledger, settlement, settlement)
          const before = await cell(ledger)
          assert.deepEqual(await ledger.repeatRunning([running(settlement)], 1), [0])
          assert.equal(await cell(ledger), before)
        }
      })

      it('cost nothing more when a worker comes back from which its work was taken', async () => {
        const ledger = await ledgerOf()
        await begin(ledger, 'a')
        assert.equal(await ledger.takeBack({ index: 0, attempt: 'a', olderThan: 1001 }), true)
        assert.deepEqual(await ledger.repeatRunning([running('a')], 2000), [])
        assert.equal(await cell(ledger), 'running 1')
      })
    })

    describe('taking back', () => {
      it('takes what has not been heard of, once, and leaves the attempt spent', async () => {
        const ledger = await ledgerOf()
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

    describe('merging', () => {
      it('remembers the newest revision that a merge covered', async () => {
        const ledger = await ledgerOf()
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
        const ledger = await ledgerOf()
        await settle(ledger, 'a', 'committed')
        await ledger.markMerged({ revision: 2, instance: 'first' })
        assert.equal((await ledger.summary())!.mergedRevision, -1)
      })

      it('does not take the merge of a ledger before it for one of its own', async () => {
        const ledger = await ledgerOf()
        await ledger.remove()
        await ledger.create({ manifest: 1, cells: new Uint8Array(4), epochs: new Map(), instance: 'second' })
        await ledger.markMerged({ revision: 5, instance: 'first' })
        assert.equal((await ledger.summary())!.mergedRevision, -1)
      })

      it('sees exactly one of many settlements at once as the last', async () => {
        const ledger = await ledgerOf(...Array<ConfigurationState>(40).fill('pending'))
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
  })
}
