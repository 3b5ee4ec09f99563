import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Gauge } from 'prom-client'
import { silentLogger } from '../logging/logger.ts'
import { createMetrics } from './metrics.ts'

/** Metrics with one gauge, which is set to what `look` finds. */
function watching(look: () => Promise<number>, lookMs = 10_000) {
  const metrics = createMetrics(silentLogger(), { lookMs })
  const gauge = new Gauge({ name: 'windrow_test', help: 'a test', labelNames: ['of'], registers: [metrics.registry] })
  metrics.atScrape({
    what: 'a test',
    forget: () => gauge.reset(),
    look: async () => {
      const found = await look()
      return () => gauge.set({ of: 'it' }, found)
    },
  })
  return async () => /^windrow_test\{of="it"\} (\d+)$/m.exec((await metrics.scrape()).text)?.[1]
}

describe('a scrape', () => {
  it('looks anew each time', async () => {
    let found = 0
    const scrape = watching(async () => ++found)
    assert.deepEqual([await scrape(), await scrape()], ['1', '2'])
  })

  it('shows nothing instead of what was, when it cannot look, and answers all the same', async () => {
    let fails = false
    const scrape = watching(async () => {
      if (fails) throw new Error('it is away')
      return 1
    })
    assert.equal(await scrape(), '1')
    fails = true
    assert.equal(await scrape(), undefined)
    fails = false
    assert.equal(await scrape(), '1')
  })

  it('does not wait for a look that hangs, and begins no second one', async () => {
    let looks = 0
    let answer = (_found: number): void => undefined
    const scrape = watching(() => {
      looks++
      return new Promise((resolve) => {
        answer = resolve
      })
    }, 50)
    assert.deepEqual(await Promise.all([scrape(), scrape()]), [undefined, undefined])
    assert.equal(await scrape(), undefined)
    assert.equal(looks, 1)
    answer(3)
    await new Promise(setImmediate)
  })

  it('begins with the first one what costs something, and tells of the process', async () => {
    const metrics = createMetrics(silentLogger())
    let begun = 0
    metrics.onFirstScrape(() => begun++)
    assert.equal(begun, 0)
    await metrics.scrape()
    const { contentType, text } = await metrics.scrape()
    assert.equal(begun, 1)
    assert.match(contentType, /^text\/plain; version=0\.0\.4/)
    assert.match(text, /^process_resident_memory_bytes \d+$/m)
  })
})
