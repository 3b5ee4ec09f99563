import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { chooseSweep } from './find-sweep.ts'

const known = ['borders', 'borders-fine', 'north-sea']
const choose = (name: string) => chooseSweep(known, name, 'memory:')

test('a unique prefix is enough', () => {
  assert.equal(choose('nor'), 'north-sea')
  assert.equal(choose('borders-'), 'borders-fine')
})

test('an exact name wins over names that start with it', () => {
  assert.equal(choose('borders'), 'borders')
})

test('an ambiguous prefix lists the candidates', () => {
  assert.throws(
    () => choose('bor'),
    (error) => isWindrowError(error, 'USAGE') && /borders, borders-fine/.test(error.message),
  )
})

test('an unknown name lists the sweeps, and the nearest', () => {
  assert.throws(
    () => choose('noth-sea'),
    (error) => isWindrowError(error, 'SWEEP_UNKNOWN') && /Did you mean north-sea/.test(error.message),
  )
  assert.throws(
    () => choose(''),
    (error) => isWindrowError(error, 'SWEEP_UNKNOWN'),
  )
  assert.throws(() => chooseSweep([], 'x', 'memory:'), /There is no sweep in it/)
})
