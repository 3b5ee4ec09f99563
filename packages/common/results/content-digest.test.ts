import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { exampleContents } from '../../../test/fixtures/example-result.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { openReader } from '../hdf5/reader.ts'
import { openWriter } from '../hdf5/writer.ts'
import { contentSha256 } from './content-digest.ts'
import type { ResultContents } from './contents.ts'
import { encodeResult } from './encode-result.ts'

const skip = await pythonSkipReason('h5py')
const lines = readFileSync(new URL('../../../test/fixtures/content_sha256.py', import.meta.url), 'utf8')

async function digestInPython(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryFolder(), 'result.h5')
  writeFileSync(path, bytes)
  const code = `${lines}\nimport sys\nf = h5py.File(sys.argv[1])\nprint(content_sha256(f['${exampleContents.key}']))`
  return (await runPython(code, { args: [path] })).trim()
}

/** The group as a merged file has it: text as variable-length UTF-8. */
async function asMerged(contents: ResultContents): Promise<Uint8Array> {
  const writer = await openWriter({ kind: 'memory' })
  const group = `/${contents.key}`
  writer.createGroup(group)
  for (const [name, value] of Object.entries(contents.attributes)) {
    writer.writeAttribute(group, name, value, { encoding: 'variable-utf8' })
  }
  for (const [name, dataset] of Object.entries(contents.datasets)) writer.writeDataset(`${group}/${name}`, dataset)
  return writer.close()
}

test('h5py computes the same digest from a result', { skip }, async () => {
  assert.equal(await digestInPython(await encodeResult(exampleContents)), contentSha256(exampleContents))
})

test('text kept as variable-length UTF-8 in a merged file has the same digest', { skip }, async () => {
  const merged = await asMerged(exampleContents)
  assert.equal(await digestInPython(merged), contentSha256(exampleContents))
  const reader = await openReader({ kind: 'memory', bytes: merged })
  const attributes = Object.fromEntries(reader.attributes(`/${exampleContents.key}`))
  reader.close()
  assert.equal(contentSha256({ ...exampleContents, attributes }), contentSha256(exampleContents))
})

test('h5py agrees on every element type, on integers at the edge and on text that is not ASCII', { skip }, async () => {
  const contents: ResultContents = {
    ...exampleContents,
    attributes: { most: 2n ** 63n - 1n, least: -(2n ** 63n), zero: -0, tiny: 5e-324, place: 'Østersøen', empty: '' },
    datasets: {
      f8: { elementType: '<f8', shape: [1, 2, 1], data: Float64Array.of(-0, Number.NaN) },
      f4: { elementType: '<f4', shape: [1], data: Float32Array.of(0.1) },
      i8: { elementType: '<i8', shape: [], data: BigInt64Array.of(-(2n ** 63n)) },
      i4: { elementType: '<i4', shape: [2], data: Int32Array.of(-1, 2) },
      u8: { elementType: '<u8', shape: [1], data: BigUint64Array.of(2n ** 64n - 1n) },
      u4: { elementType: '<u4', shape: [1], data: Uint32Array.of(4e9) },
      i1: { elementType: '|i1', shape: [2], data: Int8Array.of(-1, 1) },
      u1: { elementType: '|u1', shape: [0], data: new Uint8Array(0) },
    },
  }
  assert.equal(await digestInPython(await asMerged(contents)), contentSha256(contents))
})

test('the order of attributes and datasets does not matter', () => {
  const reversed = (record: object) => Object.fromEntries(Object.entries(record).reverse())
  const attributes = reversed(exampleContents.attributes)
  const datasets = reversed(exampleContents.datasets)
  assert.equal(contentSha256({ ...exampleContents, attributes, datasets }), contentSha256(exampleContents))
})

test('whatever else changes changes the digest, but for the configuration digest', () => {
  const { attributes, datasets } = exampleContents
  const aep = datasets.aep ?? assert.fail()
  const layout = datasets.layout ?? assert.fail()
  const others: ResultContents[] = [
    { ...exampleContents, key: 'farm9_t4_s2' },
    { ...exampleContents, attributes: { ...attributes, ss_seed: 25n } },
    { ...exampleContents, attributes: { ...attributes, ss_seed: 24 } },
    { ...exampleContents, attributes: { ...attributes, ss_seed: '24' } },
    { ...exampleContents, attributes: { ...attributes, more: 1n } },
    { ...exampleContents, datasets: { layout, aep } },
    { ...exampleContents, datasets: { ...datasets, aep: { ...aep, data: Float64Array.of(9.000000000000002) } } },
    { ...exampleContents, datasets: { ...datasets, aep: { ...aep, shape: [1] } } },
    { ...exampleContents, datasets: { ...datasets, layout: { ...layout, shape: [3, 4] } } },
    { ...exampleContents, datasets: { ...datasets, layout: { ...layout, shape: [12] } } },
  ]
  const digests = [exampleContents, ...others].map((contents) => contentSha256(contents))
  assert.equal(new Set(digests).size, digests.length)
  const elsewhere: ResultContents = { ...exampleContents, configurationDigest: 'other' }
  assert.equal(contentSha256(elsewhere), digests[0])
})
