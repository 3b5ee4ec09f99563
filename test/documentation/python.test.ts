import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { expectedRows, mergeOf } from '../fixtures/merge-inputs.ts'
import { pythonSkipReason, runPython } from '../fixtures/python.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { documentationPages, pythonBlocks } from './pages.ts'

const modules = ['h5py', 'pandas', 'xarray', 'h5netcdf']
const skip = await pythonSkipReason(...modules)
const blocksOf = (path: string) => pythonBlocks(documentationPages().find((page) => page.path === path)!)
const tested = readFileSync(new URL('../fixtures/content_sha256.py', import.meta.url), 'utf8')
const rows = expectedRows(12)
let folder = ''

before(async () => {
  folder = await temporaryFolder()
  await mergeOf(rows, join(folder, 'layouts.h5'))
  await mergeOf(rows, join(folder, 'stacked.h5'), { layout: 'stacked' })
})

/** Runs lines in the folder of the two files, then prints what `expression` comes to. */
async function result(lines: string, expression: string): Promise<unknown> {
  const code = `import json, os, sys\nos.chdir(sys.argv[1])\n${lines}\nprint()\nprint(json.dumps(${expression}))`
  const printed = await runPython(code, { args: [folder], modules })
  return JSON.parse(printed.trim().split('\n').at(-1)!)
}

describe('the Python of the documentation', () => {
  it('computes content_sha256 with the lines that are tested, in the examples too', () => {
    assert.equal(blocksOf('docs/files.md')[0], tested)
    const lines = tested.slice(tested.indexOf('def content_sha256'))
    const example = new URL('../../examples/optimizers/windrow_result.py', import.meta.url)
    assert.ok(readFileSync(example, 'utf8').includes(lines))
  })

  it('recomputes the digests that stand in the index of a merged file', { skip }, async () => {
    const recompute = `
f = h5py.File('layouts.h5')
differing = [row['key'].decode() for row in f['init/index'][:] if content_sha256(f[row['key']]) != row['content_sha256'].decode()]`
    assert.deepEqual(await result(tested + recompute, '[len(f) - 1, differing]'), [rows.length, []])
  })

  it('reads certificate and seal', { skip }, async () => {
    assert.deepEqual(await result(blocksOf('docs/files.md')[1]!, "[counts['merged'], unchanged]"), [rows.length, true])
  })

  it('opens the file in h5py, pandas and xarray as the README says', { skip }, async () => {
    const [keyed, stacked] = blocksOf('README.md')
    assert.deepEqual(await result(keyed!, '[len(x) == len(y) > 0, float(aep) > 0, len(table)]'), [
      true,
      true,
      rows.length,
    ])
    assert.equal(await result(stacked!, 'float(best.aep) == float(runs.aep.max())'), true)
  })
})
