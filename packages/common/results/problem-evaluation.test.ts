import assert from 'node:assert/strict'
import test from 'node:test'
import { optimize } from '../optimizing/optimize.ts'
import { problemOf } from '../optimizing/problem.ts'
import { resultOf } from '../optimizing/result-of.ts'
import { planOfSpecification } from '../sweep/expand.ts'
import { smallSpecification } from '../sweep/small-specification.ts'
import { encodeResult } from './encode-result.ts'
import { evaluation } from './problem-evaluation.ts'
import { createThreadValidator } from './thread-validator.ts'

const specification = smallSpecification()
const plan = planOfSpecification(specification)
const problem = problemOf(plan.at(0), specification)

test('what the built-in optimizer makes is valid for its own problem, and for no other', async (t) => {
  const validator = createThreadValidator({ timeoutMs: 60_000, size: 1 })
  t.after(() => validator.close())
  const bytes = await encodeResult(resultOf(problem, plan.digestAt(0), optimize(problem)))
  const { boundary, minSpacingM, nTurbines, key } = problem
  const expectation = { key, configurationDigest: plan.digestAt(0), nTurbines, boundary, minSpacingM, problem }
  const verdict = await validator.validate(bytes, expectation)
  assert.ok(verdict.ok, verdict.ok ? '' : verdict.detail)
  const calmer = { ...problem, speeds: { ...problem.speeds, toMs: problem.speeds.toMs - 1 } }
  const other = await validator.validate(bytes, { ...expectation, problem: calmer })
  assert.equal(other.ok ? 'accepted' : other.reason, 'aep-mismatch')
  await assert.rejects(validator.validate(bytes, { ...expectation, problem: { schema: 2 } }), {
    code: 'PROBLEM_INVALID',
  })
})

test('turbines outside the boundary of the problem, and nearer than its spacing, are named', () => {
  const boundary = { x: [0, 1000, 1000, 0], y: [0, 0, 1000, 1000] }
  const layout = { xM: Float64Array.of(100, 300, 1040), yM: Float64Array.of(100, 100, 500) }
  assert.deepEqual(evaluation.infeasibilities(layout, { boundary, minSpacingM: 300 }), [
    { kind: 'outside-boundary', turbine: 2, distanceM: 40 },
    { kind: 'spacing-violated', turbines: [0, 1], distanceM: 200 },
  ])
})

test('spacing alone is checked without a boundary', () => {
  const layout = { xM: Float64Array.of(0, 500, 2000), yM: Float64Array.of(0, 0, -3000) }
  const faults = evaluation.infeasibilities(layout, { minSpacingM: 600 })
  assert.deepEqual(faults, [{ kind: 'spacing-violated', turbines: [0, 1], distanceM: 500 }])
  assert.deepEqual(evaluation.infeasibilities(layout, {}), [])
})
