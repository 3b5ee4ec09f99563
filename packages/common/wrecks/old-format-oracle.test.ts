import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded } from '../../../test/fixtures/merge-inputs.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { NotOldFormat } from '../hdf5/old-format/cursor.ts'
import { openOldFormat } from '../hdf5/old-format/old-format-reader.ts'
import { openReader, type PlainReader } from '../hdf5/reader.ts'
import { noProgress, rowsOf } from './rows-of-file.ts'

const skip = await pythonSkipReason('h5py')
const folder = await temporaryFolder()

/** One file of each layout, with every kind of attribute that is read without libhdf5. */
const script = `
import os, sys
import h5py, numpy as np
os.chdir(sys.argv[1])
layout = lambda n: 1000.0 * np.arange(2 * n).reshape(2, n)
with h5py.File('keyed.h5', 'w') as f:
    f['init'] = [1]
    for s in range(12):
        g = f.create_group('farm0_t1_s%d' % s)
        g['layout'], g['aep'] = layout(4), np.float32(9.5) if s else 9.5
        g.attrs.update(dict(farm_idx=0, type_idx=np.uint8(1), ss_seed=s, diameter=240.5, status='success', fixed=np.bytes_('x')))
    f.attrs['grid_size'] = 18
with h5py.File('nested.h5', 'w') as f:
    for s in range(4):
        f.create_dataset('optimized_layouts/farm_0_type_1_seed_%d' % s, data=layout(3)).attrs.update(dict(aep=7.5, status='success'))
with h5py.File('columnar.h5', 'w') as f:
    f['layout'] = np.stack([layout(3).T] * 5)
    f['farm_id'], f['farm_type'], f['seed'], f['aep'] = np.zeros(5, 'i4'), np.ones(5, 'u1'), np.arange(5), np.arange(5) + 0.5
`

function found(reader: PlainReader) {
  const state = noProgress()
  const reading = rowsOf(reader, { asked: undefined, state })
  const rows: unknown[] = []
  let step = reading.next()
  for (; !step.done; step = reading.next()) rows.push(step.value)
  return { state, rows, fault: step.value }
}

function withoutLibrary(bytes: Uint8Array) {
  try {
    return found(openOldFormat(bytes))
  } catch (error) {
    if (error instanceof NotOldFormat) return undefined
    throw error
  }
}

async function byLibrary(bytes: Uint8Array) {
  const reader = await openReader({ kind: 'memory', bytes: bytes.slice() })
  try {
    return found(reader)
  } finally {
    reader.close()
  }
}

/** Bytes changed where the file says something: most of an old file is zeros that nobody reads. */
function mutantOf(good: Uint8Array, random: () => number): Uint8Array {
  const mutant = good.slice()
  let at = 0
  do at = Math.floor(random() * good.length)
  while (good[at] === 0 && random() < 0.9)
  const length = random() < 0.7 ? 1 : 1 + Math.floor(random() * 16)
  for (let place = at; place < Math.min(good.length, at + length); place++) {
    mutant[place] = random() < 0.5 ? good[place]! ^ (1 << Math.floor(random() * 8)) : Math.floor(random() * 256)
  }
  return mutant
}

test('what is read without libhdf5 is what libhdf5 reads, on files of h5py and on hundreds of mutants of them', {
  skip,
}, async () => {
  await runPython(script, { args: [folder] })
  const random = seeded(20260107)
  for (const name of ['keyed.h5', 'nested.h5', 'columnar.h5']) {
    const good = new Uint8Array(readFileSync(join(folder, name)))
    const plain = withoutLibrary(good)
    assert.ok(plain !== undefined && plain.rows.length > 0, name)
    assert.deepEqual(plain, await byLibrary(good))
    let accepted = 0
    for (let n = 0; n < 120; n++) {
      const mutant = mutantOf(good, random)
      const read = withoutLibrary(mutant)
      if (read === undefined) continue
      accepted++
      assert.deepEqual(read, await byLibrary(mutant), `${name}, mutant ${n}`)
    }
    assert.ok(accepted > 30 && accepted < 120, `${accepted} of 120 mutants of ${name}`)
  }
})
