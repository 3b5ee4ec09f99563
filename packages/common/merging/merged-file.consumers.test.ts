import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { contentsOf, expectedRows, mergeOf, mixedStates } from '../../../test/fixtures/merge-inputs.ts'
import { programSkipReason, pythonSkipReason, runProgram, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'

const rows = expectedRows(20, mixedStates)
const committed = rows.filter(({ state }) => state === 'committed')
const skip = await pythonSkipReason('h5py')
let keyed = ''
let stacked = ''

before(async () => {
  const folder = await temporaryFolder()
  keyed = join(folder, 'keyed.h5')
  stacked = join(folder, 'stacked.h5')
  await mergeOf(rows, keyed)
  await mergeOf(rows, stacked, { layout: 'stacked' })
})

async function python(path: string, script: string, modules = ['h5py']): Promise<unknown> {
  const code = `import h5py, json, sys\npath = sys.argv[1]\n${script}`
  return JSON.parse(await runPython(code, { args: [path], modules }))
}

test('a script that looks configurations up by key finds coordinates and status', { skip }, async () => {
  const script = `
f = h5py.File(path, 'r')
print(json.dumps({key: [list(f[key]['layout'][0]), list(f[key]['layout'][1]), float(f[key]['aep'][()]), f[key].attrs['status'] == 'success']
                  for key in f if key != 'init'}))`
  const expected = committed.map((row) => {
    const { layout, aep } = contentsOf(row).datasets
    const coordinates = Array.from(layout!.data, Number)
    const turbines = coordinates.length / 2
    return [row.key, [coordinates.slice(0, turbines), coordinates.slice(turbines), Number(aep!.data[0]), true]]
  })
  assert.deepEqual(await python(keyed, script), Object.fromEntries(expected))
})

test('every root group but init has layout and aep, and the root attributes are there', { skip }, async () => {
  const script = `
f = h5py.File(path, 'r')
for name in f:
    if name == 'init': continue
    assert 'layout' in f[name] and 'aep' in f[name], name
assert list(f) == sorted(f), list(f)
print(json.dumps({name: int(f.attrs[name]) for name in ['grid_size', 'random_pct', 'total_configs', 'successful_configs']}))`
  const counts = { grid_size: 18, random_pct: 30, total_configs: 20, successful_configs: committed.length }
  assert.deepEqual(await python(keyed, script), counts)
})

test('opens for readers in SWMR mode, and can be appended to', { skip }, async () => {
  const copy = join(await temporaryFolder(), 'layouts.h5')
  await mergeOf(rows, copy)
  const script = `
with h5py.File(path, 'r', swmr=True) as f: before = len(f)
with h5py.File(path, 'a') as f:
    group = f.create_group('farm9_t9_s9')
    group['layout'] = [[1.0], [2.0]]
    group['aep'] = 3.0
with h5py.File(path, 'r') as f: print(json.dumps([len(f) - before, float(f['farm9_t9_s9/layout'][1][0]), float(f['farm0_t0_s0/layout'][0][0])]))`
  const [added, y, x] = (await python(copy, script)) as number[]
  assert.deepEqual([added, y, x], [1, 2, contentsOf(rows[0]!).datasets.layout!.data[0]])
})

test('the index is a pandas table of every expected configuration', {
  skip: await pythonSkipReason('h5py', 'pandas'),
}, async () => {
  const script = `
import pandas
table = pandas.DataFrame(h5py.File(path, 'r')['init/index'][:])
table['key'] = table['key'].str.decode('ascii')
table['state'] = table['state'].str.decode('ascii')
print(json.dumps([len(table), {state: int(count) for state, count in table['state'].value_counts().items()}, [float(v) for v in table.set_index('key').loc['farm1_t0_s1', ['ss_seed', 'aep', 'n_turbines']]],
    int(table['aep'].isna().sum()), str(table['ss_seed'].dtype)]))`
  const { aep, layout } = contentsOf(rows[1]!).datasets
  const facts = [1, Number(aep!.data[0]), layout!.shape[1]]
  const states = { merged: committed.length, dead: 2, quarantined: 2, missing: 2 }
  for (const path of [keyed, stacked]) {
    assert.deepEqual(await python(path, script, ['h5py', 'pandas']), [20, states, facts, 6, 'int64'])
  }
})

test('the certificate and the seal can be checked in a few lines of Python', { skip }, async () => {
  const script = `
import hashlib
f = h5py.File(path, 'r')
text = bytes(f['init/certificate'][:])
seal = bytes(f['init/seal'][:])
whole = open(path, 'rb').read()
print(json.dumps([json.loads(text)['counts']['merged'], hashlib.sha256(text).hexdigest() == f['init'].attrs['certificate_sha256'].decode(),
    hashlib.sha256(whole.replace(seal, b'0' * 64)).hexdigest() == seal.decode()]))`
  for (const path of [keyed, stacked]) assert.deepEqual(await python(path, script), [committed.length, true, true])
})

test('xarray sees named dimensions, padding and units', {
  skip: await pythonSkipReason('xarray', 'h5netcdf'),
}, async () => {
  const script = `
import xarray
d = xarray.open_dataset(path, engine='h5netcdf')
first = d.isel(configuration=0)
print(json.dumps([list(d.layout.dims), d.layout.shape, list(d.aep.dims), d.seed.values.tolist(), int(first.n_turbines),
    int(first.layout.sel(coordinate=0).notnull().sum()), float(first.layout[0, 0]), d.layout.attrs['units'], d.aep.attrs['units'],
    sorted(d.data_vars)]))`
  const byKey = committed.toSorted((one, other) => (one.key < other.key ? -1 : 1))
  const { layout } = contentsOf(byKey[0]!).datasets
  const widest = Math.max(...committed.map((row) => contentsOf(row).datasets.layout!.shape[1]!))
  assert.deepEqual(await python(stacked, script, ['xarray', 'h5netcdf']), [
    ...[['configuration', 'turbine', 'coordinate'], [committed.length, widest, 2], ['configuration']],
    ...[byKey.map(({ index }) => index), layout!.shape[1], layout!.shape[1], layout!.data[0], 'm', 'GWh'],
    ['aep', 'farm_id', 'farm_idx', 'farm_type', 'layout', 'n_turbines', 'seed', 'ss_seed', 'type_idx'],
  ])
})

test('a stacked file can be extended', { skip }, async () => {
  const copy = join(await temporaryFolder(), 'layouts.h5')
  await mergeOf(rows, copy, { layout: 'stacked' })
  const script = `
with h5py.File(path, 'a') as f:
    n = f['layout'].shape[0]
    for name in ['layout', 'aep', 'seed', 'farm_id', 'farm_type', 'n_turbines']: f[name].resize(n + 1, axis=0)
    f['aep'][n] = 5.0
with h5py.File(path, 'r') as f: print(json.dumps(float(f['aep'][-1])))`
  assert.equal(await python(copy, script), 5)
})

test('h5dump dumps both without an error', { skip: programSkipReason('h5dump') }, async () => {
  for (const path of [keyed, stacked]) {
    const dump = await runProgram('h5dump', [path])
    assert.match(dump, /DATASET "certificate"/)
  }
})
