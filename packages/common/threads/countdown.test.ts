import assert from 'node:assert/strict'
import test, { mock } from 'node:test'
import { startCountdown } from './countdown.ts'

test('is over when its time has gone by, and never when it was stopped', () => {
  mock.timers.enable({ apis: ['setInterval'] })
  const over: string[] = []
  startCountdown(1000, () => over.push('first'))
  const stop = startCountdown(1000, () => over.push('stopped'))
  mock.timers.tick(750)
  assert.deepEqual(over, [])
  stop()
  mock.timers.tick(250)
  assert.deepEqual(over, ['first'])
  mock.timers.tick(5000)
  assert.deepEqual(over, ['first'])
  mock.timers.reset()
})
