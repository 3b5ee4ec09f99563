import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Clock } from '@windrow/common/time/clock.ts'
import { keepService } from './keep-service.ts'

/** A service that the test lets die; its pauses are counted and take no time. */
function kept() {
  let now = 0
  const pauses: number[] = []
  const failures: WindrowError[] = []
  let started = 0
  let stopped = 0
  let die: (how: string) => void = () => undefined
  const clock: Clock = {
    now: () => now,
    sleep: async (ms) => {
      pauses.push(ms)
      now += ms
    },
  }
  const service = keepService({
    service: 'worker',
    logFile: 'worker.log',
    start: (onUnexpectedEnd) => {
      started++
      die = onUnexpectedEnd
      return { pid: started, stop: async () => void stopped++, kill: () => undefined }
    },
    clock,
    say: () => undefined,
    fail: (error) => void failures.push(error),
  })
  return {
    service,
    pauses,
    failures,
    counts: () => ({ started, stopped }),
    async diesAfter(ms: number) {
      now += ms
      die('was ended by SIGKILL')
      await new Promise((resolve) => setImmediate(resolve))
    },
  }
}

describe('a service that is kept running', () => {
  it('is started again at once, then after growing pauses that outlast an outage of half a minute', async () => {
    const { diesAfter, pauses, failures, counts } = kept()
    for (let death = 0; death < 5; death++) await diesAfter(300)
    assert.deepEqual(pauses, [2_000, 4_000, 8_000, 16_000])
    assert.deepEqual(counts(), { started: 6, stopped: 0 })
    await diesAfter(300)
    assert.equal(failures.length, 1)
    assert.equal(failures[0]!.code, 'PROCESS_FAILED')
    assert.equal(counts().started, 6)
  })

  it('may die now and then in a run of days', async () => {
    const { diesAfter, failures, counts } = kept()
    for (let death = 0; death < 20; death++) await diesAfter(3_600_000)
    assert.deepEqual(failures, [])
    assert.equal(counts().started, 21)
  })

  it('is not started again once it shall stop', async () => {
    const { service, diesAfter, counts } = kept()
    await service.stop()
    await diesAfter(1)
    assert.deepEqual(counts(), { started: 1, stopped: 1 })
  })
})
