import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { crashPoints } from './catalogue.ts'
import { planFirings } from './plan-firings.ts'
import { runMatrix } from './run-matrix.ts'

/** All of them: npm run crash-points. */
const seed = Number(process.env.WINDROW_CRASH_SEED ?? Math.floor(Date.now() / 86_400_000))
const parts = 5
const again = `npm run crash-points -- --seed ${seed} --modes 1 --parts ${parts}`

describe('crash points', { timeout: 580_000 }, () => {
  it('are all taken once by as many seeds in a row as there are parts', () => {
    const taken = Array.from({ length: parts }, (_, n) =>
      planFirings({ seed: parts * 7 + n, modesEach: 1, parts }),
    ).flat()
    assert.deepEqual(taken.map(({ point }) => point.name).sort(), crashPoints.map(({ name }) => name).sort())
  })

  it(`lose nothing, a fifth of them once (again: ${again})`, async (test) => {
    const firings = planFirings({ seed, modesEach: 1, parts })
    const lines: string[] = []
    const report = await runMatrix(firings, (line) => lines.push(line))
    // That everything settles is judged by the matrix, how soon by `npm run crash-points`: other tests run meanwhile.
    test.diagnostic(`${firings.length} crashes, settled ${Math.round(report.settledAfterMs)} ms after the last`)
    assert.deepEqual(report.unfired, [], 'every point is reached and stopped at')
    assert.deepEqual(report.unlisted, [], 'every change is a point of the catalogue')
    assert.deepEqual(report.unexplained, [], 'services end by points only')
    assert.deepEqual(report.faults, [], lines.join('\n'))
  })
})
