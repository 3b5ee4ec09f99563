import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packCell } from '../ledger/states.ts'
import { countAskedFor } from './asked-for.ts'

const states = ['committed', 'cancelled', 'cancelled', 'pending', 'cancelled'] as const
const cells = Uint8Array.from(states, (state) => packCell(state, 0))

test('what was cancelled is a shortfall of what was asked for', () => {
  assert.deepEqual(countAskedFor({ cells }, undefined), { selected: 5, cancelledOfSelected: 3 })
})

test('what --only left out was not asked for', () => {
  const asked = countAskedFor({ cells }, (index) => index >= 2)
  assert.deepEqual(asked, { selected: 4, cancelledOfSelected: 2 }, 'the commit counts, the first of the cancelled not')
})
