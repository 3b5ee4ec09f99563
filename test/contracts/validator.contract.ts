import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { refusalReasons, type Validator } from '@windrow/common/results/verdict.ts'
import { exampleContents, exampleExpectation, movedLayout, withLayout } from '../fixtures/example-result.ts'
import { pythonSkipReason, runPython } from '../fixtures/python.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const script = fileURLToPath(new URL('../fixtures/h5py_results.py', import.meta.url))

/** What any validator does, whose AEP comes from test/fixtures/stand-in-evaluation.ts. */
export async function validatorContract(adapter: string, open: () => Validator): Promise<void> {
  const skip = await pythonSkipReason('h5py')

  test(`${adapter}: hands back what was encoded`, async (t) => {
    const validator = openFor(t, open)
    const bytes = await encodeResult(exampleContents)
    const verdict = await validator.validate(bytes, exampleExpectation)
    assert.ok(verdict.ok, inspect(verdict))
    assert.deepEqual(verdict.contents, exampleContents)
    assert.match(verdict.contentSha256, /^[0-9a-f]{64}$/)
    assert.ok(bytes.length > 0, 'the bytes stay the caller’s')
  })

  test(`${adapter}: checks nothing that is not expected`, async (t) => {
    const validator = openFor(t, open)
    const verdict = await validator.validate(await encodeResult(withLayout(movedLayout({ 2: 9e9 }))), {})
    assert.equal(verdict.ok, true)
  })

  test(`${adapter}: refuses every bad file of h5py with its reason, and takes the good ones`, { skip }, async (t) => {
    const validator = openFor(t, open)
    const folder = await temporaryFolder()
    await runPython(`import runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0])`, {
      args: [script, folder],
    })
    const files = readdirSync(folder).filter((name) => name.endsWith('.h5'))
    for (const reason of refusalReasons.filter((one) => !one.startsWith('reader-'))) {
      assert.ok(
        files.some((name) => name.startsWith(reason)),
        reason,
      )
    }
    const wrong: string[] = []
    for (const name of files) {
      const verdict = await validator.validate(readFileSync(join(folder, name)), exampleExpectation)
      const expected = name.startsWith('good') ? 'good' : refusalReasons.find((reason) => name.startsWith(reason))
      if ((verdict.ok ? 'good' : verdict.reason) !== expected) wrong.push(`${name}: ${inspect(verdict)}`)
    }
    assert.deepEqual(wrong, [])
  })

  test(`${adapter}: details name the turbine, the metres and the energy`, async (t) => {
    const validator = openFor(t, open)
    const detailOf = async (layoutM: readonly number[], aep?: number) => {
      const contents = withLayout(layoutM)
      const wrong = { elementType: '<f8', shape: [], data: Float64Array.of(aep ?? 0) } as const
      const attributes = { ...contents.attributes, aep: aep ?? 0 }
      const datasets = { ...contents.datasets, aep: wrong }
      const bytes = await encodeResult(aep === undefined ? contents : { ...contents, attributes, datasets })
      const verdict = await validator.validate(bytes, exampleExpectation)
      return verdict.ok ? 'accepted' : verdict.detail
    }
    assert.match(await detailOf(movedLayout({ 2: 2050, 0: -11 })), /Turbine 2 stands 40\.00 m outside.*worst of 2/)
    assert.match(await detailOf(movedLayout({ 1: 600 })), /Turbines 0 and 1 stand 600\.0 m apart; the spacing is 720 m/)
    assert.match(await detailOf(movedLayout({}), 9.5), /reports 9\.5 GWh; evaluated again, its layout yields 9 GWh/)
  })

  test(`${adapter}: rejects when the problem cannot be evaluated, and goes on`, async (t) => {
    const validator = openFor(t, open)
    const bytes = await encodeResult(exampleContents)
    const problem = { kind: 'throw' }
    await assert.rejects(validator.validate(bytes, { ...exampleExpectation, problem }), /no such turbine/)
    assert.equal((await validator.validate(bytes, exampleExpectation)).ok, true)
  })

  test(`${adapter}: many at once each get their own verdict`, async (t) => {
    const validator = openFor(t, open)
    const good = await encodeResult(exampleContents)
    const jobs = Array.from({ length: 60 }, (_, job) => (job % 3 === 0 ? good.subarray(0, 300 + 10 * job) : good))
    const verdicts = await Promise.all(jobs.map((bytes) => validator.validate(bytes, exampleExpectation)))
    for (const [job, verdict] of verdicts.entries()) assert.equal(verdict.ok, job % 3 !== 0)
  })
}

function openFor(t: { after(work: () => Promise<void>): void }, open: () => Validator): Validator {
  const validator = open()
  t.after(() => validator.close())
  return validator
}
