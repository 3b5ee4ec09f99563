import assert from 'node:assert/strict'
import test from 'node:test'
import { exampleContents, exampleExpectation } from '../../../test/fixtures/example-result.ts'
import { evaluation } from '../../../test/fixtures/stand-in-evaluation.ts'
import { openWriter } from '../hdf5/writer.ts'
import { contentSha256 } from './content-digest.ts'
import type { ResultContents } from './contents.ts'
import { encodeResult } from './encode-result.ts'
import { resultSchemaVersion, resultUnits } from './result-schema.ts'
import { validateOwnResult, validateResult } from './validate-result.ts'
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

test('a source that does not say how far it is verified, or says nothing, is refused without libhdf5', async () => {
  const source = JSON.stringify({ file: 'a.h5', place: 'row 3', sha256: 'ab'.repeat(32), aep: 'as-reported' })
  const refusalOf = async (attributes: Readonly<Record<string, string>>) => {
    const writer = await openWriter({ kind: 'memory' })
    const own = {
      schema_version: resultSchemaVersion,
      units: resultUnits,
      configuration_digest: '',
      content_sha256: '',
    }
    for (const [name, value] of Object.entries({ ...own, ...attributes })) writer.writeAttribute('/', name, value)
    writer.createGroup('/farm9_t4_s24')
    const verdict = validateOwnResult(writer.close(), {})
    return verdict?.ok === false && `${verdict.reason}: ${verdict.detail}`
  }
  assert.equal(await refusalOf({ source }), 'missing-object: The file has no attribute verified.')
  assert.equal(
    await refusalOf({ source, verified: 'evaluated' }),
    'wrong-type: verified is "evaluated", not "plausible".',
  )
  const unclear = await refusalOf({ source: 'a.h5', verified: 'plausible' })
  assert.equal(unclear, 'wrong-type: Attribute source is no source of a salvage.')
})
