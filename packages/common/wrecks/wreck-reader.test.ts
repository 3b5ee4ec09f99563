import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { contentsOf, expectedRows, mergeOf } from '../../../test/fixtures/merge-inputs.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import type { WreckFile, WreckRow, WreckStyle } from './wreck.ts'
import { createWreckReader, type WreckReader } from './wreck-reader.ts'

const skip = await pythonSkipReason('h5py')
const folder = await temporaryFolder()
const path = (name: string) => join(folder, name)

/** Files as h5py leaves them, whole and damaged; test/fixtures/h5py_wrecks.py makes whole directories of them. */
const script = `
import os, sys
import h5py, numpy as np
os.chdir(sys.argv[1])
rng = np.random.default_rng(1)
layout = lambda n: 1000.0 * np.arange(2 * n).reshape(2, n)

def keyed(f, key, n=3, **more):
    g = f.create_group(key)
    g['layout'], g['aep'] = layout(n), 9.5
    g.attrs.update(dict(farm_idx=0, type_idx=1, ss_seed=2, n_turbines=n, **more))
    return g

with h5py.File('keyed.h5', 'w') as f:
    f['init'] = [1]
    keyed(f, 'farm0_t1_s2', status='success')
    keyed(f, 'farm0_t1_s3', scores=[1, 2])
    f.attrs['grid_size'] = 18
with h5py.File('other-keys.h5', 'w') as f: keyed(f, 'north-7'); f['log'] = 'x'
with h5py.File('latest.h5', 'w', libver='latest') as f: keyed(f, 'farm0_t1_s2')
with h5py.File('nested.h5', 'w') as f:
    d = f.create_dataset('optimized_layouts/farm_3_type_4_seed_5', data=layout(2))
    d.attrs.update(dict(aep=7.25, status='failed'))

def columnar(f, lengths=3, packed=True):
    padded = np.full((3, 4, 2), np.nan)
    for row, n in enumerate([4, 2, 3]): padded[row, :n] = layout(n).T
    padded[2, 1, 0] = np.nan
    f.create_dataset('layout', data=padded, **(dict(compression='gzip', chunks=(1, 4, 2)) if packed else {}))
    f['farm_id'], f['farm_type'], f['seed'] = [0, 1, 2], [3, 4, 5], [6, 7, 8]
    f['aep'] = np.arange(lengths) + 0.5
with h5py.File('columnar.h5', 'w') as f: columnar(f)
with h5py.File('broken-chunk.h5', 'w') as f:
    columnar(f)
    broken = f['layout'].id.get_chunk_info(1).byte_offset
data = bytearray(open('broken-chunk.h5', 'rb').read()); data[broken + 8] ^= 255
open('broken-chunk.h5', 'wb').write(data)
with h5py.File('inconsistent_lengths.h5', 'w') as f: columnar(f, lengths=2)
with h5py.File('missing_column.h5', 'w') as f: columnar(f); del f['seed']
with h5py.File('several_styles.h5', 'w') as f: columnar(f); keyed(f, 'farm0_t1_s2')

with h5py.File('hollow.h5', 'w') as f: f['init'] = [1]
with h5py.File('bare.h5', 'w') as f: f.attrs['grid_size'] = 25
with h5py.File('foreign.h5', 'w') as f: f['temperature'] = np.zeros(9)
with h5py.File('wide.h5', 'w') as f:
    for n in range(600): keyed(f, 'farm0_t0_s%d' % n, n=1)

with h5py.File('rows.h5', 'w') as f:
    for n, name in enumerate(['layout', 'aep']): del keyed(f, 'farm0_t1_s%d' % n)[name]
    g = keyed(f, 'farm0_t1_s2'); del g['layout']; g['layout'] = layout(3).T
    g = keyed(f, 'farm0_t1_s3'); del g['layout']; g['layout'] = 'nowhere'
    g = keyed(f, 'farm0_t1_s4'); del g['layout']; g['layout'] = h5py.SoftLink('/farm0_t1_s2/layout')
    f['farm0_t1_s5'] = h5py.ExternalLink(sys.argv[1] + '/keyed.h5', '/farm0_t1_s2')
    g = keyed(f, 'farm0_t1_s6'); del g['layout']
    g.create_dataset('layout', (2, 3), 'f8', external=[(sys.argv[1] + '/secret.bin', 0, 48)])
    g = keyed(f, 'farm0_t1_s7'); del g['layout']; g.create_dataset('layout', (2, 10**9), 'f8', chunks=(2, 10))
    f['farm0_t1_s8'] = f['/']
os.mkfifo('pipe.h5')
open('secret.bin', 'wb').write(np.full(6, 42.0).tobytes())

whole = open('keyed.h5', 'rb').read()
half = len(whole) // 2
for name, data in dict(empty=b'', truncated=whole[:half], superblock_zeroed=bytes(96) + whole[96:], not_hdf5=b'{}' * 600,
                       zeros=bytes(5000), tail_overwritten=whole[:half] + rng.bytes(len(whole) - half),
                       unreadable=whole[:96] + bytes(400) + whole[496:], short=whole[:60]).items():
    open(name + '.h5', 'wb').write(data)
`

let reader: WreckReader
before(async () => {
  if (skip === undefined) await runPython(script, { args: [folder] })
  reader = createWreckReader({ size: 2, timeoutMs: 5000 })
})
after(() => reader.close())

async function readFile(name: string, by = reader): Promise<WreckFile & { readonly all: readonly WreckRow[] }> {
  const all: WreckRow[] = []
  const file = await by.read(path(name), (rows) => {
    all.push(...rows)
  })
  return { ...file, all }
}

test('finds the layout of a file by itself, and gives every row with its place, key, layout and AEP', {
  skip,
}, async () => {
  const [keyed, columnar, nested] = await Promise.all(
    ['keyed.h5', 'columnar.h5', 'nested.h5'].map((name) => readFile(name)),
  )
  assert.deepEqual([keyed.style, keyed.superblockVersion, keyed.rows, keyed.fault], ['keyed', 0, 2, undefined])
  assert.deepEqual(keyed.rootAttributes, { grid_size: 18n })
  assert.deepEqual(keyed.all[0], {
    ...{ place: '/farm0_t1_s2', key: 'farm0_t1_s2', fields: {}, aep: 9.5, claimedTurbines: 3, fault: undefined },
    attributes: { farm_idx: 0n, type_idx: 1n, ss_seed: 2n, n_turbines: 3n, status: 'success' },
    ...{ layout: Float64Array.of(0, 1000, 2000, 3000, 4000, 5000), others: [] },
  })
  assert.deepEqual(keyed.all[1]?.others, ['/farm0_t1_s3@scores'])
  assert.deepEqual([columnar.style, columnar.rows, columnar.fault], ['columnar', 3, undefined])
  assert.deepEqual(columnar.all[1], {
    ...{ place: 'row 1', key: 'farm1_t4_s7', fields: { farm_idx: 1, type_idx: 4, ss_seed: 7 }, aep: 1.5 },
    ...{ attributes: {}, claimedTurbines: undefined, fault: undefined, others: [] },
    layout: Float64Array.of(0, 1000, 2000, 3000),
  })
  assert.deepEqual(columnar.all[2]?.layout, Float64Array.of(0, Number.NaN, 2000, 3000, 4000, 5000))
  const row = { place: '/optimized_layouts/farm_3_type_4_seed_5', key: 'farm3_t4_s5', aep: 7.25 }
  assert.deepEqual([nested.style, nested.rows], ['nested', 1])
  assert.partialDeepStrictEqual(nested.all, [{ ...row, fields: { farm_idx: 3, type_idx: 4, ss_seed: 5 } }])
  assert.deepEqual(nested.all[0]?.attributes, { aep: 7.25, status: 'failed' })
})

test('reads keys of any form and newer superblocks, and gives wide files piece by piece', { skip }, async () => {
  const [other, latest, wide] = await Promise.all(
    ['other-keys.h5', 'latest.h5', 'wide.h5'].map((name) => readFile(name)),
  )
  assert.deepEqual([other.style, other.all.map(({ key }) => key)], ['keyed', ['north-7']])
  assert.deepEqual([latest.superblockVersion, latest.rows], [3, 1])
  assert.deepEqual([wide.rows, new Set(wide.all.map(({ key }) => key)).size], [600, 600])
})

const faults = [
  ...['empty', 'truncated', 'superblock_zeroed', 'not_hdf5', 'tail_overwritten', 'unreadable', 'foreign'],
  ...['inconsistent_lengths', 'missing_column', 'several_styles'],
] as const
for (const cause of faults) {
  test(`a file that is bad as a whole is named ${cause}`, { skip }, async () => {
    const { fault } = await readFile(`${cause}.h5`)
    assert.equal(fault?.cause, cause, fault?.detail)
  })
}

test('a file without a configuration is hollow, not bad', { skip }, async () => {
  for (const name of ['hollow.h5', 'bare.h5']) {
    const { fault, rows, style } = await readFile(name)
    assert.deepEqual([fault, rows, style], [undefined, 0, undefined])
  }
})

test('zeros from end to end, and the first bytes of a file, are what they are', { skip }, async () => {
  assert.equal((await readFile('zeros.h5')).fault?.cause, 'not_hdf5')
  assert.equal((await readFile('short.h5')).fault?.cause, 'truncated')
})

test('a file damaged in part gives the rows that can be read, and names the others', { skip }, async () => {
  const { fault, all } = await readFile('broken-chunk.h5')
  assert.deepEqual([fault, all.map((row) => row.fault?.cause)], [undefined, [undefined, 'unreadable', undefined]])
})

test('what a row lacks or points to elsewhere is its fault, and no other file is read', { skip }, async () => {
  const { fault, all } = await readFile('rows.h5')
  assert.equal(fault, undefined)
  assert.deepEqual(
    all.map(({ key, fault }) => [key.slice(-1), fault?.cause]),
    [
      ['0', 'missing_layout'],
      ['1', undefined],
      ['2', 'wrong_shape'],
      ['3', 'wrong_type'],
      ['4', 'wrong_type'],
      ['5', 'wrong_type'],
      ['6', 'unreadable'],
      ['7', 'unreadable'],
      ['8', 'missing_layout'],
    ],
  )
  assert.equal(all[1]?.aep, undefined)
})

for (const [layout, style] of [
  ['keyed', 'keyed'],
  ['stacked', 'columnar'],
] as const) {
  test(`reads what Windrow itself has merged (${layout})`, async () => {
    const rows = expectedRows(8)
    await mergeOf(rows, path(`${layout}-merged.h5`), { layout })
    const file = await readFile(`${layout}-merged.h5`)
    assert.deepEqual([file.style, file.rows, file.fault, file.superblockVersion], [style, 8, undefined, 3])
    for (const { key, layout: positions, aep, claimedTurbines } of file.all) {
      const { datasets, attributes } = contentsOf(rows.find((row) => row.key === key)!)
      assert.deepEqual([positions, aep], [datasets.layout!.data, datasets.aep!.data[0]])
      assert.equal(claimedTurbines, Number(attributes.n_turbines))
    }
  })
}

test('a layout that is asked for is the only one that counts', { skip }, async (t) => {
  const by = (style: WreckStyle) => {
    const asked = createWreckReader({ size: 1, timeoutMs: 5000, style })
    t.after(() => asked.close())
    return asked
  }
  assert.equal((await readFile('keyed.h5', by('nested'))).fault?.cause, 'other_style')
  assert.deepEqual(
    (await readFile('several_styles.h5', by('keyed'))).all.map(({ key }) => key),
    ['farm0_t1_s2'],
  )
})

test('opens no directory, no pipe and no link, and says what could not be opened', { skip }, async () => {
  mkdirSync(path('folder.h5'))
  symlinkSync('loop.h5', path('loop.h5'))
  symlinkSync('keyed.h5', path('link.h5'))
  for (const name of ['folder.h5', 'loop.h5', 'link.h5', 'pipe.h5', 'nowhere.h5']) {
    assert.equal((await readFile(name)).fault?.cause, 'cannot_open', name)
  }
})

test('a file that grows while it is read is named, unless it is whole in the end', { skip }, async () => {
  const whole = readFileSync(path('wide.h5'))
  writeFileSync(path('growing.h5'), whole)
  const grown = await reader.read(path('growing.h5'), () => appendFileSync(path('growing.h5'), 'more'))
  assert.equal(grown.fault?.cause, 'changing')
  assert.deepEqual(readFileSync(path('keyed.h5')).subarray(0, 4), whole.subarray(0, 4))
})

test('a file on which libhdf5 never ends, or traps, gets its verdict and leaves the next one alone', {
  skip,
}, async (t) => {
  const patient = createWreckReader({ size: 1, timeoutMs: 1000 })
  t.after(() => patient.close())
  for (const [name, cause] of [
    ['endless', 'reader_timeout'],
    ['trapping', 'reader_crashed'],
  ] as const) {
    const packed = readFileSync(new URL(`../../../test/fixtures/damaged/${name}.h5.gz`, import.meta.url))
    writeFileSync(path(`${name}.h5`), gunzipSync(packed))
    assert.equal((await readFile(`${name}.h5`, patient)).fault?.cause, cause)
    assert.equal((await readFile('keyed.h5', patient)).rows, 2)
  }
})

test('closing fails what is still being read; what the receiver throws comes back', { skip }, async (t) => {
  const closing = createWreckReader({ size: 1, timeoutMs: 60_000 })
  t.after(() => closing.close())
  const thrown = new Error('no room')
  const refuse = () => {
    throw thrown
  }
  await assert.rejects(closing.read(path('keyed.h5'), refuse), thrown)
  const waiting = assert.rejects(
    closing.read(path('keyed.h5'), () => {}),
    { code: 'PROCESS_FAILED' },
  )
  await closing.close()
  await waiting
  await assert.rejects(
    closing.read(path('keyed.h5'), () => {}),
    /closed/,
  )
})
