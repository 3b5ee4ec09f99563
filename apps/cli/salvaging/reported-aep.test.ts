import assert from 'node:assert/strict'
import { test } from 'node:test'
import { faultOfAep, judgeReportedAep, sampleOf } from './reported-aep.ts'
import type { GoodRow } from './wreck-facts.ts'

const rowsOf = (aeps: readonly number[]): GoodRow[] =>
  aeps.map((aepGWh, index) => {
    return { file: 0, place: '', key: `k${100 + index}`, index, content: `${index}`, aepGWh, fault: undefined }
  })
const sampled = (aeps: readonly number[], evaluated: (aep: number) => number) =>
  aeps.map((reportedGWh, index) => ({ key: `k${100 + index}`, reportedGWh, evaluatedGWh: evaluated(reportedGWh) }))
const judge = (aeps: readonly number[], evaluated: (aep: number) => number) =>
  judgeReportedAep(rowsOf(aeps), sampled(aeps, evaluated))

test('AEPs that the model gives again say nothing more', () => {
  const judged = judge([100, 101, 102, 103, 104], (aep) => aep * (1 + 1e-9))
  assert.deepEqual(judged, { sign: 1, reproduced: true, findings: [], differing: new Map() })
})

test('one that the model does not give again among many that it does is no other model', () => {
  const judged = judge([100, 101, 102, 103, 104], (aep) => (aep === 102 ? 90 : aep))
  assert.deepEqual([judged.reproduced, [...judged.differing]], [true, [['k102', 90]]])
  const [first, , third] = rowsOf([100, 101, 102])
  assert.equal(faultOfAep(third!, judged, 90)?.cause, 'aep_mismatch')
  assert.equal(faultOfAep(first!, judged, 100), undefined)
  assert.equal(faultOfAep(first!, judged, undefined), undefined)
})

test('negative AEPs are named with their likely cause, and can be reproduced all the same', () => {
  const judged = judge([-100, -101, -102], (aep) => -aep)
  assert.deepEqual([judged.sign, judged.reproduced], [-1, true])
  assert.match(judged.findings.join('\n'), /^3 of 3 reported AEPs are negative: most likely a cost/)
})

test('the same AEP everywhere is named with its likely cause', () => {
  const judged = judge([100, 100, 100], (aep) => aep + 7)
  assert.equal(judged.reproduced, false)
  assert.match(judged.findings.join('\n'), /^All 3 reported AEPs are 100: .*before the model ran/)
  assert.deepEqual(judge([100, 100], (aep) => aep).findings, [])
})

test('another unit is told from another model', () => {
  assert.match(judge([100e3, 101e3], (aep) => aep / 1000.2).findings[0]!, /in MWh, not GWh/)
  assert.match(judge([100e9, 101e9], (aep) => aep / 1e9 / 1.1).findings[0]!, /in Wh, not GWh/)
  assert.match(judge([100, 101], (aep) => aep * 1.1).findings[0]!, /0\.909 to 0\.909 times .*another model/)
})

test('nothing is said of nothing', () => {
  assert.deepEqual(judgeReportedAep([], []), { sign: 1, reproduced: false, findings: [], differing: new Map() })
})

test('the sample is spread over the keys, and the same for the same rows', () => {
  const rows = rowsOf(Array.from({ length: 120 }, (_, index) => index + 1))
  const sample = sampleOf(rows.toReversed())
  assert.deepEqual(
    sample.map(({ index }) => index),
    [0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100, 110],
  )
  assert.equal(sampleOf(rows.slice(0, 5)).length, 5)
})
