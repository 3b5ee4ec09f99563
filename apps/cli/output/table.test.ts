import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatFacts, formatTable } from './table.ts'

test('columns are as wide as their widest cell, numbers stand at their last digit', () => {
  const columns = [{ header: 'key' }, { header: 'AEP', align: 'right' as const }, { header: 'state' }]
  const rows = [
    ['farm0_s0', '5.1', 'committed'],
    ['f1', '120.4', ''],
  ]
  assert.equal(formatTable(columns, rows), 'key         AEP  state\nfarm0_s0    5.1  committed\nf1        120.4\n')
})

test('colours take no room', () => {
  const columns = [{ header: 'a' }, { header: 'b' }]
  assert.equal(formatTable(columns, [['\u001b[32mgo\u001b[39m', 'x']]), 'a   b\n\u001b[32mgo\u001b[39m  x\n')
})

test('facts stand under each other', () => {
  const facts = [
    ['rate', '3 a minute'],
    ['time left', ''],
  ] as const
  assert.equal(formatFacts(facts), 'rate       3 a minute\ntime left\n')
})
