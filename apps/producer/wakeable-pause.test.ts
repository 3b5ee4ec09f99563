import assert from 'node:assert/strict'
import test from 'node:test'
import { systemClock } from '@windrow/common/time/clock.ts'
import { createWakeablePause } from './wakeable-pause.ts'

const longMs = 600_000

test('a pause ends when somebody calls, and tells for whom', async () => {
  const { wake, wakeAll, pause } = createWakeablePause(systemClock, new AbortController().signal)
  const first = pause(longMs)
  wake('a')
  const woken = await first
  assert.deepEqual([woken.has('a'), woken.has('b')], [true, false])
  wakeAll()
  const all = await pause(longMs)
  assert.deepEqual([all.has('a'), all.has('b')], [true, true])
  const none = await pause(1)
  assert.deepEqual([none.has('a'), none.has('b')], [false, false])
})
