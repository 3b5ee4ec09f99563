import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { LedgerSummary } from '@windrow/common/ledger/ledger.ts'
import { followSweep, isSettled } from './follow-sweep.ts'
import { progressLine } from './progress-line.ts'
import { aepRows } from './summary.ts'

function summaryOf(
  counts: Partial<LedgerSummary['counts']>,
  revisions = { revision: 0, mergedRevision: -1 },
): LedgerSummary {
  const all = {
    pending: 0,
    running: 0,
    retrying: 0,
    committed: 0,
    'dead-corrupt': 0,
    'dead-failed': 0,
    cancelled: 0,
    ...counts,
  }
  const total = Object.values(all).reduce((sum, count) => sum + count, 0)
  return { total, counts: all, manifest: 0, instance: 'i', ...revisions }
}

describe('a sweep that is followed', () => {
  it('is settled when nothing is open and what is committed is merged', () => {
    assert.equal(isSettled(summaryOf({ committed: 3 }, { revision: 3, mergedRevision: 3 })), true)
    assert.equal(isSettled(summaryOf({ committed: 3 }, { revision: 3, mergedRevision: 2 })), false)
    assert.equal(isSettled(summaryOf({ committed: 3, retrying: 1 }, { revision: 3, mergedRevision: 3 })), false)
    assert.equal(
      isSettled(summaryOf({ 'dead-failed': 3 }, { revision: 3, mergedRevision: -1 })),
      true,
      'nothing to merge',
    )
  })

  it('is not believed to be settled before a producer has held its ledger against the store', async () => {
    const settled = summaryOf({ committed: 1 }, { revision: 1, mergedRevision: 1 })
    const answers = [false, false, true]
    let looks = 0
    const followed = await followSweep({
      ledger: { summary: async () => settled } as unknown as Parameters<typeof followSweep>[0]['ledger'],
      reconciled: async () => answers[looks++]!,
      judged: async () => true,
      outages: async () => [],
      clock: { now: () => 0, sleep: async () => undefined },
      everyMs: 1,
      onProgress: () => undefined,
      onOutage: () => undefined,
      signal: new AbortController().signal,
    })
    assert.equal(followed, settled)
    assert.equal(looks, 3)
  })

  it('is not settled while attempts are still to be given back', async () => {
    const settled = summaryOf({ 'dead-failed': 3 })
    const answers = [false, true]
    let looks = 0
    const followed = await followSweep({
      ledger: { summary: async () => settled } as unknown as Parameters<typeof followSweep>[0]['ledger'],
      reconciled: async () => true,
      judged: async () => answers[looks++]!,
      outages: async () => [],
      clock: { now: () => 0, sleep: async () => undefined },
      everyMs: 1,
      onProgress: () => undefined,
      onOutage: () => undefined,
      signal: new AbortController().signal,
    })
    assert.equal(followed, settled)
    assert.equal(looks, 2)
  })

  it('is left at once when that is asked for, also while Redis answers nothing', { timeout: 20_000 }, async () => {
    const stop = new AbortController()
    const never = () => new Promise<never>(() => undefined)
    setTimeout(() => stop.abort(), 10)
    const followed = await followSweep({
      ledger: { summary: never } as unknown as Parameters<typeof followSweep>[0]['ledger'],
      reconciled: never,
      judged: never,
      outages: never,
      clock: { now: () => 0, sleep: async () => undefined },
      everyMs: 1,
      onProgress: () => undefined,
      onOutage: () => undefined,
      signal: stop.signal,
    })
    assert.equal(followed, undefined)
  })

  it('shows what is done of what is wanted, and what is not going well', () => {
    const line = progressLine(summaryOf({ committed: 2, running: 1, retrying: 1, 'dead-failed': 1, cancelled: 5 }), [])
    assert.equal(line, '3 of 5 done; 1 running, 1 retrying, 1 dead, 5 of 10 not selected')
  })

  it('sums up AEP by group, with the configurations that are not there in the denominator', () => {
    const columns = new Map<string, (string | number)[]>([
      ['key', ['a0', 'a1', 'b0']],
      ['state', ['merged', 'merged', 'dead']],
      ['aep', [10, 12, Number.NaN]],
      ['source', ['windrow', 'salvage', '']],
      ['farm', ['a', 'a', 'b']],
    ])
    assert.deepEqual(aepRows(columns, ['farm']), [
      { group: 'farm=a', expected: 2, merged: 2, salvaged: 1, meanAepGWh: 11, bestAepGWh: 12, bestKey: 'a1' },
      {
        ...{ group: 'farm=b', expected: 1, merged: 0, salvaged: 0 },
        ...{ meanAepGWh: Number.NaN, bestAepGWh: Number.NaN, bestKey: '-' },
      },
    ])
  })
})
