import assert from 'node:assert/strict'
import test from 'node:test'
import { exampleContents, exampleExpectation } from '../../../test/fixtures/example-result.ts'
import { evaluation } from '../../../test/fixtures/stand-in-evaluation.ts'
import { contentSha256 } from './content-digest.ts'
import type { ResultContents } from './contents.ts'
import { encodeResult } from './encode-result.ts'
import { validateResult } from './validate-result.ts'
import type { ResultExpectation } from './verdict.ts'

const source = { file: 'worker_øst "1".h5', place: '/farm9_t4_s24', sha256: 'ab'.repeat(32) }
const commit = { ...exampleExpectation, mayBeSalvaged: true }

async function verdictOn(
  aep: 'reevaluated' | 'as-reported',
  expectation: ResultExpectation,
  contents: ResultContents = exampleContents,
) {
  const bytes = await encodeResult({ ...contents, salvaged: { ...source, aep } })
  return await validateResult(bytes, expectation, { evaluation })
}

test('a salvaged result says where it comes from, outside of its content digest', async () => {
  const verdict = await verdictOn('as-reported', commit)
  assert.ok(verdict.ok)
  assert.deepEqual(verdict.contents.salvaged, { ...source, aep: 'as-reported' })
  assert.equal(verdict.contentSha256, contentSha256(exampleContents))
})

test('a salvaged result is a commit at most: an optimizer that leaves one is refused', async () => {
  const verdict = await verdictOn('reevaluated', exampleExpectation)
  assert.ok(!verdict.ok)
  assert.deepEqual([verdict.reason, /what an optimizer leaves/.test(verdict.detail)], ['wrong-type', true])
  assert.equal((await verdictOn('reevaluated', commit)).ok, true)
})

test('a salvaged AEP is held against the model only where it is said to be that of the model', async () => {
  const aep = { elementType: '<f8', shape: [], data: Float64Array.of(7) } as const
  const { attributes, datasets } = exampleContents
  const reported = { ...exampleContents, attributes: { ...attributes, aep: 7 }, datasets: { ...datasets, aep } }
  assert.equal((await verdictOn('as-reported', commit, reported)).ok, true)
  const verdict = await verdictOn('reevaluated', commit, reported)
  assert.equal(verdict.ok ? 'accepted' : verdict.reason, 'aep-mismatch')
})
