import assert from 'node:assert/strict'
import { it } from 'node:test'
import { takeTurns } from './take-turns.ts'

it('long work lets everything else have its turn, but not at every step', async () => {
  let now = 0
  let others = 0
  const count = () => void others++
  const othersTurn = takeTurns(() => now)
  setImmediate(count)
  for (let step = 0; step < 99; step++) {
    now++
    await othersTurn()
  }
  assert.equal(others, 0)
  now++
  await othersTurn()
  assert.equal(others, 1)
})
