import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { exampleContents, exampleExpectation } from '../../../test/fixtures/example-result.ts'
import { expectedRows, mergeOf } from '../../../test/fixtures/merge-inputs.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { evaluation } from '../../../test/fixtures/stand-in-evaluation.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { encodeResult } from '../results/encode-result.ts'
import { createInlineValidator } from '../results/inline-validator.ts'
import { checkFile } from './check-file.ts'
import { verifyMerged } from './verify-merged.ts'

const { validate } = createInlineValidator({ evaluation })
const skip = await pythonSkipReason('h5py')

async function fileWith(bytes: Uint8Array | string): Promise<string> {
  const path = join(await temporaryFolder(), 'some.h5')
  await writeFile(path, bytes)
  return path
}

test('checks a result and says what it could not check', async () => {
  const path = await fileWith(await encodeResult(exampleContents))
  const check = await checkFile(path, { validate })
  assert.equal(check.kind, 'result')
  assert.equal(check.ok, true)
  assert.equal(check.key, exampleContents.key)
  assert.match(check.notChecked.join(), /AEP/)
})

test('holds a result against its specification', async () => {
  const path = await fileWith(await encodeResult(exampleContents))
  const complete = await checkFile(path, { validate, expectationFor: () => exampleExpectation })
  assert.deepEqual([complete.ok, complete.notChecked], [true, []])
  const other = await checkFile(path, { validate, expectationFor: () => ({ ...exampleExpectation, nTurbines: 7 }) })
  assert.equal(other.refusal?.reason, 'wrong-turbine-count')
  const unknown = await checkFile(path, { validate, expectationFor: () => undefined })
  assert.equal(unknown.refusal?.reason, 'wrong-key')
})

test('checks a merged file as windrow verify does', async () => {
  const path = join(await temporaryFolder(), 'layouts.h5')
  await mergeOf(expectedRows(6), path)
  const check = await checkFile(path, { validate })
  assert.equal(check.kind, 'merged')
  assert.equal(check.ok, true)
  assert.equal(check.verification?.summary.verified, 6)
})

test('names what is wrong with a file that is damaged', async () => {
  const bytes = await encodeResult(exampleContents)
  const reasonOf = async (content: Uint8Array | string) =>
    (await checkFile(await fileWith(content), { validate })).refusal?.reason
  assert.equal(await reasonOf(''), 'empty')
  assert.equal(await reasonOf('x'.repeat(1000)), 'not-hdf5')
  assert.equal(await reasonOf(bytes.subarray(0, bytes.length - 1)), 'truncated')
  const flipped = Uint8Array.from(bytes)
  flipped[Buffer.from(bytes).indexOf(Buffer.from(Float64Array.of(1000).buffer)) + 6]! ^= 1
  assert.ok(['unreadable', 'digest-mismatch'].includes((await reasonOf(flipped)) ?? ''))
})

/** Made by h5py, with a heap of texts in which libhdf5 goes round for ever. */
async function endlessFile(): Promise<string> {
  const path = join(await temporaryFolder(), 'endless.h5')
  const code = `
import h5py, sys
with h5py.File(sys.argv[1], 'w') as f:
    f.attrs['schema'] = 'windrow-keyed-1'
    f.attrs['filler'] = 'filler ' * 20
data = bytearray(open(sys.argv[1], 'rb').read())
at = data.index(b'windrow-keyed-1') + 16
data[at : at + 200] = bytes(200)
open(sys.argv[1], 'wb').write(data)
`
  await runPython(code, { args: [path] })
  return path
}

test('a file on which libhdf5 never ends is refused in time, by check and by verify', { skip }, async () => {
  const path = await endlessFile()
  const check = await checkFile(path, { validate })
  assert.deepEqual([check.kind, check.refusal?.reason], ['unknown', 'reader-timeout'])
  const { ok, faults } = await verifyMerged(path, { callTimeoutMs: 1000 })
  assert.deepEqual([ok, faults.map(({ fault }) => fault)], [false, ['reader-timeout']])
  const sound = await fileWith(await encodeResult(exampleContents))
  assert.equal((await checkFile(sound, { validate })).ok, true)
})

test('says honestly that it does not know the layout of a file', { skip }, async () => {
  const path = join(await temporaryFolder(), 'worker_1.h5')
  await runPython("import h5py, sys\nwith h5py.File(sys.argv[1], 'w') as f: f['farm0/layout'] = [1.0]", {
    args: [path],
  })
  const check = await checkFile(path, { validate })
  assert.deepEqual([check.kind, check.ok, check.refusal?.reason], ['unknown', false, 'unknown-layout'])
  assert.ok((await readFile(path)).length > 0)
})
