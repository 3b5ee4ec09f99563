import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Held } from './compare-with-store.ts'
import { planSalvage } from './plan-salvage.ts'
import { weighRows } from './weigh-rows.ts'
import type { RowFacts } from './wreck-facts.ts'

const keys = ['a', 'b', 'c', 'd']
const row = (key: string, changes: Partial<RowFacts> = {}): RowFacts => ({
  ...{ file: 0, place: `/${key}`, key, index: keys.indexOf(key), content: key, aepGWh: 1, fault: undefined },
  ...changes,
})
const reported = { sign: 1, reproduced: false, differing: new Map(), findings: [] } as const
const nameOf = ({ file }: RowFacts) => `worker_${file}.h5`
const plan = (rows: readonly RowFacts[], held: Record<string, Held> = {}) =>
  planSalvage(weighRows(rows), {
    held: new Map(keys.map((key, index) => [index, held[key] ?? { kind: 'open', epoch: 0 }])),
    reported,
    nameOf,
  })
const keysOf = (rows: readonly RowFacts[]) => rows.map(({ key }) => key)
const salvaged = (content: string): Held => ({ kind: 'salvaged', content, file: 'worker_9.h5', epoch: 2 })

test('what is open is taken, what is committed is left alone, what was taken before is recognised', () => {
  const { take, leftAlone, there, close } = plan([row('a'), row('b'), row('c')], {
    b: { kind: 'committed' },
    c: salvaged('c'),
  })
  assert.deepEqual([keysOf(take), keysOf(leftAlone), keysOf(there), close], [['a'], ['b'], ['c'], []])
})

test('a file that contradicts what was salvaged closes it, and both are named', () => {
  const { take, close, conflicts, contradicted } = plan([row('a', { file: 1 })], { a: salvaged('another') })
  assert.deepEqual([take, close[0]?.epoch], [[], 2])
  assert.deepEqual([...conflicts], [['a', ['worker_1.h5', 'worker_9.h5']]])
  assert.deepEqual(
    contradicted.map(({ fault }) => fault.cause),
    ['contradicted'],
  )
})

test('files that contradict each other close what was salvaged, whichever of them it came from', () => {
  const { close, conflicts } = plan([row('a'), row('a', { file: 1, content: 'x' })], { a: salvaged('a') })
  assert.equal(close.length, 1)
  assert.deepEqual(conflicts.get('a'), ['worker_0.h5', 'worker_1.h5', 'worker_9.h5'])
})

test('files that contradicted each other once are not taken in later either', () => {
  const before: Held = { kind: 'contradicted', files: ['worker_8.h5', 'worker_9.h5'], epoch: 1 }
  const { take, close, conflicts } = plan([row('a')], { a: before })
  assert.deepEqual([take, close, conflicts.get('a')], [[], [], ['worker_0.h5', 'worker_8.h5', 'worker_9.h5']])
})

test('a contradiction about what the sweep itself has computed is nothing', () => {
  const rows = [row('a'), row('a', { file: 1, content: 'x' })]
  const { leftAlone, conflicts, close } = plan(rows, { a: { kind: 'committed' } })
  assert.deepEqual([keysOf(leftAlone), conflicts.size, close], [['a'], 0, []])
})

test('a row whose AEP has the other sign than all others is bad', () => {
  const { take, bad } = plan([row('a'), row('b'), row('c', { aepGWh: -1 }), row('d', { aepGWh: 0 })])
  assert.deepEqual(
    [keysOf(take), keysOf(bad)],
    [
      ['a', 'b'],
      ['c', 'd'],
    ],
  )
  assert.equal(bad[0]?.fault.cause, 'negative_aep')
})
