import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Ledger, Settlement } from '@windrow/common/ledger/ledger.ts'
import { packCell, spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { configurationsKept, type Trial } from '@windrow/common/trials/trials.ts'

/** What every adapter of the ledger keeps of trials. `open` gives the ledger of a sweep that has none yet. */
export function trialsContract(adapter: string, open: (sweep: string) => Ledger): void {
  let sweeps = 0
  let attempts = 0

  async function ledgerOf(configurations = 4): Promise<Ledger> {
    const ledger = open(`trials-${++sweeps}`)
    const cells = new Uint8Array(configurations).fill(packCell('pending', 0))
    await ledger.create({ manifest: 1, cells, epochs: new Map(), instance: 'first' })
    return ledger
  }
  const failure = (host: string, fingerprint = 'no module'): Trial => ({ host, fingerprint, blamesHost: true })
  /** An attempt from its beginning to its end. */
  async function tries(ledger: Ledger, index: number, settlement: Settlement, trial?: Trial) {
    const attempt = `attempt-${++attempts}`
    const { epoch } = await ledger.begin({ index, attempt, worker: 'w/1', budget: 15, now: 1 })
    const request = { index, attempt, epoch, settlement, trial }
    return { request, settled: await ledger.settle(request) }
  }
  const fails = (ledger: Ledger, index: number, host = 'bad') => tries(ledger, index, 'retrying', failure(host))
  const cell = async (ledger: Ledger, index: number) => {
    const value = (await ledger.cells())[index]!
    return `${stateOfCell(value)} ${spentOfCell(value)}`
  }

  describe(`trials contract: ${adapter}`, () => {
    it('counts a trial once, however often it is settled, and none of an attempt that did not run', async () => {
      const ledger = await ledgerOf()
      const { request, settled } = await fails(ledger, 0)
      assert.deepEqual(settled.noted, { inARow: 1, onHost: 1 })
      assert.equal((await ledger.settle(request)).noted, undefined)
      const { request: success, settled: committed } = await tries(ledger, 1, 'committed', { host: 'good' })
      assert.equal(committed.noted, undefined)
      await ledger.settle(success)
      await tries(ledger, 2, 'committed')
      await tries(ledger, 3, 'handed-back', failure('bad'))
      const { succeeded, failed, lastSuccessOn } = await ledger.trials()
      assert.deepEqual({ succeeded, failed, lastSuccessOn }, { succeeded: 1, failed: 1, lastSuccessOn: 'good' })
    })

    it('keeps the row of failures that are alike, until something succeeds or fails in another way', async () => {
      const ledger = await ledgerOf()
      await fails(ledger, 0, 'one')
      const { request, settled } = await fails(ledger, 1, 'two')
      assert.equal(settled.noted?.inARow, 2)
      const { index, epoch, attempt } = request
      const row = { failures: 2, fingerprint: 'no module', hosts: ['one', 'two'], last: { index, epoch, attempt } }
      assert.deepEqual((await ledger.trials()).row, row)
      const { settled: other } = await tries(ledger, 1, 'dead-failed', failure('two', 'a | b, 100%'))
      assert.equal(other.noted?.inARow, 1)
      assert.equal((await ledger.trials()).row?.fingerprint, 'a | b, 100%')
      await tries(ledger, 2, 'committed', { host: 'one' })
      assert.equal((await ledger.trials()).row, undefined)
      assert.equal((await fails(ledger, 0)).settled.noted?.inARow, 1)
    })

    it('begins the row anew when it is told to', async () => {
      const ledger = await ledgerOf()
      await fails(ledger, 0)
      await ledger.forgetRow()
      await ledger.forgetRow()
      assert.equal((await ledger.trials()).row, undefined)
      assert.equal((await fails(ledger, 0)).settled.noted?.inARow, 1)
    })

    it('keeps the streak of a host until it succeeds, each configuration once', async () => {
      const ledger = await ledgerOf()
      await tries(ledger, 3, 'committed', { host: 'bad' })
      for (const index of [0, 1, 0]) await fails(ledger, index)
      await fails(ledger, 2, 'worse, by far')
      const streaks = [
        {
          ...{ host: 'bad', id: 0, successesBefore: 1, failures: 3 },
          ...{ configurations: [0, 1], isSetAside: false },
        },
        {
          ...{ host: 'worse, by far', id: 3, successesBefore: 1, failures: 1 },
          ...{ configurations: [2], isSetAside: false },
        },
      ]
      assert.deepEqual((await ledger.trials()).hosts, streaks)
      await tries(ledger, 2, 'committed', { host: 'bad' })
      assert.deepEqual((await ledger.trials()).hosts, [streaks[1]])
    })

    it('ends the streak also of a success that somebody else had committed before', async () => {
      const ledger = await ledgerOf()
      await fails(ledger, 0)
      // Pending: it came back from a ledger that had been lost.
      await ledger.settle({ index: 1, attempt: 'x', epoch: 0, settlement: 'committed', trial: { host: 'bad' } })
      assert.deepEqual((await ledger.trials()).hosts, [])
    })

    it('does not blame a host for what would have failed anywhere', async () => {
      const ledger = await ledgerOf()
      const { settled } = await tries(ledger, 0, 'dead-failed', { ...failure('bad'), blamesHost: false } as Trial)
      assert.deepEqual(settled.noted, { inARow: 1, onHost: 0 })
      assert.deepEqual((await ledger.trials()).hosts, [])
      assert.deepEqual(await ledger.owedBy('bad'), { open: [], dead: [] })
    })

    it('remembers so many configurations of a streak and no more, and owes all of them', async () => {
      const ledger = await ledgerOf(configurationsKept + 5)
      for (let index = 0; index < configurationsKept + 5; index++) await fails(ledger, index)
      const [streak] = (await ledger.trials()).hosts
      assert.deepEqual([streak?.configurations.length, streak?.failures], [configurationsKept, configurationsKept + 5])
      assert.equal((await ledger.owedBy('bad')).open.length, configurationsKept + 5)
    })

    it('sets hosts aside, and takes in again those that are not named any more', async () => {
      const ledger = await ledgerOf()
      await fails(ledger, 0)
      await ledger.setAside(['bad', 'never seen'])
      await ledger.setAside(['bad', 'never seen'])
      const asideOf = async () => Promise.all(['bad', 'never seen', 'good'].map((host) => ledger.isSetAside(host)))
      assert.deepEqual(await asideOf(), [true, true, false])
      await fails(ledger, 1)
      await tries(ledger, 2, 'committed', { host: 'bad' })
      const [bad] = (await ledger.trials()).hosts
      assert.deepEqual([bad?.failures, bad?.isSetAside], [2, true], 'what ran there when it was set aside')
      await ledger.setAside(['never seen'])
      assert.deepEqual(await asideOf(), [false, true, false])
      assert.deepEqual(await ledger.owedBy('bad'), { open: [], dead: [] }, 'it begins anew')
    })

    it('lets a host that is set aside begin nothing, but has its word for what it has begun', async () => {
      const ledger = await ledgerOf()
      const begin = (index: number, attempt: string, worker: string) =>
        ledger.begin({ index, attempt, worker, budget: 3, now: 1 })
      await begin(0, 'a', 'host, one/7')
      await ledger.setAside(['host, one'])
      const outcomeOf = async (...request: Parameters<typeof begin>) => (await begin(...request)).outcome
      assert.equal(await outcomeOf(0, 'a', 'host, one/7'), 'begun', 'a repeated call')
      assert.deepEqual(await begin(1, 'b', 'host, one/8'), { outcome: 'set-aside', epoch: 0 })
      assert.equal(await outcomeOf(0, 'c', 'host, one/8'), 'set-aside')
      assert.equal(await cell(ledger, 1), 'pending 0')
      assert.equal(await outcomeOf(1, 'd', 'host, one and a half/8'), 'begun')
      await ledger.settle({ index: 2, attempt: 'x', epoch: 0, settlement: 'committed' })
      assert.equal(await outcomeOf(2, 'e', 'host, one/8'), 'committed')
      await ledger.setAside([])
      assert.equal(await outcomeOf(3, 'f', 'host, one/8'), 'begun')
    })

    it('gives back what failed on a host in its streak, once, and nothing that failed elsewhere or before', async () => {
      const ledger = await ledgerOf(6)
      await fails(ledger, 0)
      await tries(ledger, 5, 'committed', { host: 'bad' })
      await fails(ledger, 1)
      await fails(ledger, 1)
      await fails(ledger, 1, 'good')
      await fails(ledger, 2)
      await tries(ledger, 2, 'committed', { host: 'good' })
      await tries(ledger, 3, 'dead-failed', failure('bad'))
      await fails(ledger, 4)
      await ledger.begin({ index: 4, attempt: 'runs', worker: 'good/1', budget: 15, now: 1 })
      assert.deepEqual(await ledger.owedBy('bad'), { open: [1], dead: [{ index: 3, epoch: 0 }] })
      assert.equal(await ledger.giveBack({ host: 'bad', indices: [0, 1, 2, 3, 4] }), 2)
      assert.equal(await ledger.giveBack({ host: 'bad', indices: [0, 1, 2, 3, 4] }), 0)
      const cells = await Promise.all([0, 1, 2, 3, 4].map((index) => cell(ledger, index)))
      assert.deepEqual(cells, ['retrying 1', 'retrying 1', 'committed 2', 'dead-failed 1', 'running 2'])
      assert.equal((await ledger.summary())!.counts.retrying, 2)

      await ledger.reopen({ index: 3, epoch: 0 })
      assert.deepEqual(await ledger.owedBy('bad'), { open: [], dead: [] })
      await ledger.settle({ index: 4, attempt: 'runs', epoch: 0, settlement: 'retrying', trial: failure('good') })
      assert.deepEqual((await ledger.owedBy('bad')).open, [4], 'what ran elsewhere has ended')
      assert.equal(await ledger.giveBack({ host: 'bad', indices: [4] }), 1)
      assert.equal(await cell(ledger, 4), 'retrying 1')
    })

    it('owes nothing of what was cancelled meanwhile: that comes back with every attempt', async () => {
      const ledger = await ledgerOf()
      await fails(ledger, 0)
      await ledger.select({ indices: [0], as: 'cancelled' })
      await ledger.select({ indices: [0], as: 'pending' })
      assert.deepEqual(await ledger.owedBy('bad'), { open: [], dead: [] })
      assert.equal(await cell(ledger, 0), 'pending 0')
    })

    it('begins with nothing in a ledger that is made anew', async () => {
      const ledger = await ledgerOf()
      await fails(ledger, 0)
      await ledger.setAside(['bad'])
      await ledger.remove()
      await ledger.create({ manifest: 1, cells: new Uint8Array(4), epochs: new Map(), instance: 'second' })
      const nothing = { succeeded: 0, failed: 0, lastSuccessOn: undefined, row: undefined, hosts: [] }
      assert.deepEqual(await ledger.trials(), nothing)
      assert.equal(await ledger.isSetAside('bad'), false)
    })
  })
}
