import assert from 'node:assert/strict'
import { test } from 'node:test'
import { csvLine, firstCells } from './csv.ts'

test('cells are quoted only where they must be', () => {
  assert.equal(csvLine(['a', 1, undefined, 'x,y', 'say "no"', 'two\nlines']), 'a,1,,"x,y","say ""no""","two\nlines"\n')
})

test('keys are read from a plain list as from CSV', () => {
  assert.deepEqual(firstCells('# dead ones\nfarm0_s0\r\n\n  farm0_s1  \n'), ['farm0_s0', 'farm0_s1'])
  assert.deepEqual(firstCells('key,state\n"farm0_s0",dead\nfarm0_s1,"a,b"\n'), ['key', 'farm0_s0', 'farm0_s1'])
})
