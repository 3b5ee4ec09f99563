import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readAhead } from './read-ahead.ts'

test('yields in order, however the work ends, and never does more at a time than asked', async () => {
  let underWay = 0
  let most = 0
  const work = async (item: number) => {
    most = Math.max(most, ++underWay)
    for (let turn = (item * 7) % 5; turn > 0; turn--) await new Promise(setImmediate)
    underWay--
    return item
  }
  const found: number[] = []
  for await (const item of readAhead([...Array(50).keys()], 4, work)) found.push(item)
  assert.deepEqual(found, [...Array(50).keys()])
  assert.equal(most, 4)
})

test('waits for what is under way before it reports a failure', async () => {
  let underWay = 0
  const work = async (item: number) => {
    underWay++
    await new Promise(setImmediate)
    underWay--
    if (item === 2) throw new Error('the store is away')
    return item
  }
  const collect = async () => {
    for await (const item of readAhead([0, 1, 2, 3, 4, 5], 3, work)) assert.ok(item < 2)
  }
  await assert.rejects(collect(), /the store is away/)
  assert.equal(underWay, 0)
})
