import assert from 'node:assert/strict'
import { readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { contentsOf, expectedRows, mergeOf, mixedStates, seeded } from '../../../test/fixtures/merge-inputs.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { mergeLayouts } from './input-digest.ts'
import { verifyMerged } from './verify-merged.ts'

const skip = await pythonSkipReason('h5py')

for (const layout of mergeLayouts) {
  test(`detects a flipped bit anywhere in a merged file (${layout})`, async () => {
    const path = join(await temporaryFolder(), 'layouts.h5')
    await mergeOf(expectedRows(20, mixedStates), path, { layout })
    const sound = await readFile(path)
    const random = seeded(7)
    for (let mutant = 0; mutant < 200; mutant++) {
      const bytes = Buffer.from(sound)
      const at = Math.floor(random() * bytes.length)
      const bit = 1 << Math.floor(random() * 8)
      bytes[at]! ^= bit
      await writeFile(path, bytes)
      const { ok } = await verifyMerged(path)
      assert.equal(ok, false, `bit ${bit} of byte ${at} of ${bytes.length}`)
    }
    await writeFile(path, sound)
    assert.equal((await verifyMerged(path)).ok, true)
  })

  test(`detects a merged file cut short, and one that is none (${layout})`, async () => {
    const path = join(await temporaryFolder(), 'layouts.h5')
    await mergeOf(expectedRows(10), path, { layout })
    const faultsOf = async () => (await verifyMerged(path)).faults.map(({ fault }) => fault)
    await truncate(path, (await readFile(path)).length - 1)
    assert.deepEqual(await faultsOf(), ['truncated'])
    await truncate(path, 30)
    assert.deepEqual(await faultsOf(), ['unreadable'])
    await writeFile(path, 'not a merged file')
    assert.deepEqual(await faultsOf(), ['not-hdf5'])
    await writeFile(path, '')
    assert.deepEqual(await faultsOf(), ['empty'])
  })
}

test('a file that cannot be opened is an error, not a verdict', async () => {
  await assert.rejects(verifyMerged(join(await temporaryFolder(), 'nowhere.h5')), { code: 'FILE_UNREADABLE' })
})

test('names the configuration that a damaged byte belongs to', async () => {
  for (const layout of mergeLayouts) {
    const path = join(await temporaryFolder(), 'layouts.h5')
    await mergeOf(expectedRows(10), path, { layout })
    const bytes = await readFile(path)
    // A coordinate of farm1_t0_s7, as it stands in both layouts.
    const coordinate = Buffer.from(
      Float64Array.of(contentsOf(expectedRows(10)[7]!).datasets.layout!.data[0] as number).buffer,
    )
    const at = bytes.indexOf(coordinate)
    assert.ok(at > 0)
    bytes[at + 3]! ^= 4
    await writeFile(path, bytes)
    const { rows } = await verifyMerged(path)
    const faulty = rows.filter(({ verdict }) => verdict === 'unreadable').map(({ key }) => key)
    assert.ok(faulty.includes('farm1_t0_s7'), layout)
    if (layout === 'keyed') assert.deepEqual(faulty, ['farm1_t0_s7'])
  }
})

test('names configurations that were added, removed or changed', { skip }, async () => {
  const path = join(await temporaryFolder(), 'layouts.h5')
  await mergeOf(expectedRows(10, mixedStates), path)
  await runPython(
    `
import h5py, sys
with h5py.File(sys.argv[1], 'a') as f:
    f.create_group('farm9_t9_s9')
    del f['farm0_t0_s0']
    f['farm1_t0_s1'].attrs['diameter'] = 99.0
    f['farm1_t1_s4/aep'][()] = 1.0
`,
    { args: [path] },
  )
  const { ok, rows, faults, summary } = await verifyMerged(path)
  assert.equal(ok, false)
  assert.deepEqual(
    faults.map(({ fault }) => fault),
    ['changed'],
  )
  const faulty = rows.filter(({ verdict }) => verdict !== 'verified' && verdict !== 'named')
  assert.deepEqual(faulty.map(({ key, state, verdict }) => [key, state, verdict]).sort(), [
    ['farm0_t0_s0', 'merged', 'absent'],
    ['farm1_t0_s1', 'merged', 'digest-mismatch'],
    ['farm1_t1_s4', 'merged', 'digest-mismatch'],
    ['farm9_t9_s9', 'unknown', 'extra'],
  ])
  assert.match(summary.text, /^4 of 7 merged configurations verified; 7 of 10 expected are merged; 4 are faulty$/)
})

test('names what was added to a keyed file of which nothing is missing', { skip }, async () => {
  const path = join(await temporaryFolder(), 'layouts.h5')
  await mergeOf(expectedRows(10, mixedStates), path)
  await runPython(
    `
import h5py, sys
with h5py.File(sys.argv[1], 'a') as f:
    f.create_group('farm9_t9_s9')
    f['elsewhere'] = h5py.SoftLink('/farm0_t0_s0')
    f['init/more'] = 1
`,
    { args: [path] },
  )
  const { rows, faults } = await verifyMerged(path)
  const extra = rows.filter(({ verdict }) => verdict === 'extra')
  assert.deepEqual(extra.map(({ key }) => key).sort(), ['elsewhere', 'farm9_t9_s9'])
  assert.deepEqual(faults.map(({ fault }) => fault).sort(), ['changed', 'unexpected-object'])
})

test('finds a stacked row that was changed with valid checksums', { skip }, async () => {
  const path = join(await temporaryFolder(), 'layouts.h5')
  await mergeOf(expectedRows(10, mixedStates), path, { layout: 'stacked' })
  await runPython(
    `
import h5py, sys
with h5py.File(sys.argv[1], 'a') as f:
    f['layout'][2, 0, 1] += 1.0
    f['seed'][3] = 77
`,
    { args: [path] },
  )
  const { rows, faults } = await verifyMerged(path)
  assert.equal(rows.filter(({ verdict }) => verdict === 'digest-mismatch').length, 1)
  assert.deepEqual(
    faults.map(({ fault }) => fault),
    ['changed', 'columns-damaged'],
  )
})
