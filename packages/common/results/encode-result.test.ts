import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { exampleContents } from '../../../test/fixtures/example-result.ts'
import { programSkipReason, pythonSkipReason, runProgram, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { encodeResult } from './encode-result.ts'

async function encodedFile(): Promise<string> {
  const path = join(await temporaryFolder(), 'result.h5')
  writeFileSync(path, await encodeResult(exampleContents))
  return path
}

const schemaInPython = `
import sys, h5py, numpy as np
f = h5py.File(sys.argv[1], 'r')
assert list(f) == ['farm9_t4_s24'] and f['farm9_t4_s24/layout'].shape == (2, 6)
g = f['farm9_t4_s24']
assert g['layout'].dtype == '<f8' and g['layout'].fletcher32 and g['layout'].chunks == (2, 6)
assert g['aep'][()] == 9 and g['aep'].shape == () and g['history'].dtype == '<f4'
assert g.attrs['n_turbines'] == 6 and g.attrs['farm_idx'].dtype == '<i8' and g.attrs['diameter'] == 240.5
assert f.attrs['schema_version'] == 1 and f.attrs['units'] == b'layout: m, aep: GWh'
assert len(f.attrs['content_sha256']) == 64 and f.attrs['configuration_digest'] == b'c0ffee' * 10
for h in (f, g):
    for name in h.attrs:
        kind = h5py.h5a.open(h.id, name.encode()).get_type()
        if isinstance(kind, h5py.h5t.TypeStringID):
            assert not kind.is_variable_str() and kind.get_cset() == h5py.h5t.CSET_ASCII
            assert kind.get_strpad() == h5py.h5t.STR_NULLTERM
print('schema 1')
`

test('h5py finds schema 1 in an encoded result', { skip: await pythonSkipReason('h5py') }, async () => {
  assert.equal((await runPython(schemaInPython, { args: [await encodedFile()] })).trim(), 'schema 1')
})

test('h5dump reads an encoded result', { skip: programSkipReason('h5dump') }, async () => {
  assert.match(await runProgram('h5dump', ['-p', await encodedFile()]), /CHECKSUM FLETCHER32/)
})

test('the same contents give the same bytes, in every process and at any time', async () => {
  const [first, second] = [await encodeResult(exampleContents), await encodeResult(exampleContents)]
  assert.ok(Buffer.from(first).equals(second))
  // Fixed once and for all: commits of earlier versions must be reproducible.
  assert.equal(
    createHash('sha256').update(first).digest('hex'),
    '742f6c1d51850d93871423d6f63b12b0378a2d744b66a9a54d7f0f53bbaa1b47',
  )
})

test('says what a result file cannot hold', async () => {
  const { attributes } = exampleContents
  const refused = { name: 'WindrowError', code: 'OUTPUT_CORRUPT' }
  const ninth = { ...exampleContents, attributes: { ...attributes, ninth: 9n } }
  await assert.rejects(encodeResult(ninth), {
    ...refused,
    message: /farm9_t4_s24 .*8 attributes; ninth is one too many/,
  })
  const danish = { ...exampleContents, attributes: { ...attributes, extra: 'Østersøen' } }
  await assert.rejects(encodeResult(danish), { ...refused, message: /not ASCII/ })
  await assert.rejects(encodeResult({ ...exampleContents, key: '../x' }), { ...refused, message: /letters, digits/ })
  await assert.rejects(encodeResult({ ...exampleContents, key: 'init' }), { ...refused, message: /reserved/ })
})
