import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crashPoints } from './catalogue.ts'
import { boundMs, planFirings } from './plan-firings.ts'
import { runMatrix } from './run-matrix.ts'

/** All of them: npm run crash-points. */
const seed = Number(process.env.WINDROW_CRASH_SEED ?? Math.floor(Date.now() / 86_400_000))

describe('crash points', { timeout: 580_000 }, () => {
  it(`lose nothing, every point of them once (seed ${seed})`, async (test) => {
    const firings = planFirings({ seed, modesEach: 1 })
    assert.equal(firings.length, crashPoints.length)
    const lines: string[] = []
    const report = await runMatrix(firings, (line) => lines.push(line))
    test.diagnostic(`${firings.length} crashes, settled ${Math.round(report.settledAfterMs)} ms after the last`)
    assert.deepEqual(report.unfired, [], 'every point is reached and stopped at')
    assert.deepEqual(report.unlisted, [], 'every change is a point of the catalogue')
    assert.deepEqual(report.unexplained, [], 'services end by points only')
    assert.deepEqual(report.faults, [], lines.join('\n'))
    assert.ok(report.settledAfterMs < boundMs, `settled only after ${report.settledAfterMs} ms`)
  })
})
