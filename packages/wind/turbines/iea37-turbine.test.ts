import assert from 'node:assert/strict'
import { test } from 'node:test'
import { iea37Turbine } from './iea37-turbine.ts'

const { powerMw } = iea37Turbine({
  rotorDiameterM: 130,
  hubHeightM: 110,
  ratedPowerMw: 3.2,
  cutInMs: 4,
  ratedSpeedMs: 10,
  cutOutMs: 25,
})

test('power rises with the cube from cut-in to rated speed and stays until cut-out', () => {
  assert.deepEqual([3.9, 4, 7, 10, 24.9, 25, 30].map(powerMw), [0, 0, 0.4, 3.2, 3.2, 0, 0])
})

test('no power comes from a wind below 0 or one that is not a number', () => {
  assert.deepEqual([-1, Number.NaN].map(powerMw), [0, 0])
})
