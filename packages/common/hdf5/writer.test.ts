import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { programSkipReason, pythonSkipReason, runProgram, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { Hdf5Error } from './hdf5-error.ts'
import { openReader } from './reader.ts'
import { type Hdf5Writer, openWriter } from './writer.ts'

const skip = await pythonSkipReason('h5py')

function writeEverything(writer: Hdf5Writer): Uint8Array {
  writer.createGroup('/farm0')
  const layout = { elementType: '<f8', shape: [2, 3], data: Float64Array.of(1, 2, 3, 4, 5, 6) } as const
  writer.writeDataset('/farm0/layout', { ...layout, chunks: [2, 3], fletcher32: true })
  writer.writeDataset('/farm0/aep', { elementType: '<f8', shape: [], data: Float64Array.of(7.5) })
  writer.writeAttribute('/farm0', 'status', 'success', { encoding: 'variable-utf8' })
  writer.writeAttribute('/farm0', 'place', 'Bornholm', { encoding: 'fixed-ascii' })
  writer.writeAttribute('/farm0', 'n_turbines', 3n)
  writer.writeAttribute('/farm0', 'diameter', 240)
  const rows = { elementType: '<i4', shape: [0, 2], data: new Int32Array(0), maxShape: [null, 2] } as const
  writer.writeDataset('/rows', { ...rows, chunks: [4, 2], fletcher32: true })
  for (let row = 0; row < 5; row++) writer.appendRows('/rows', Int32Array.of(row, -row, row + 10, 3))
  writer.writeText('/certificate', ['{"område": ', '1}'])
  writer.writeCompound(
    '/index',
    [
      { name: 'key', type: { text: 5 } },
      { name: 'n', type: '<i4' },
      { name: 'aep', type: '<f8' },
      { name: 'verified', type: '|i1' },
    ],
    tableRows(2500),
  )
  writer.writeDataset('/turbine', { elementType: '<i4', shape: [3], data: Int32Array.of(1, 2, 3) })
  writer.writeDataset('/power', { elementType: '<f8', shape: [3], data: Float64Array.of(1, 2, 3) })
  writer.makeScale('/turbine', 'turbine')
  writer.attachScale('/power', '/turbine', 0)
  return writer.close()
}

function* tableRows(count: number) {
  for (let row = 0; row < count; row++) yield [`k${row}`, row, row === 7 ? Number.NaN : row / 3, 1]
}

const everythingInPython = `
import json, sys, h5py, numpy as np
f = h5py.File(sys.argv[1], 'r')
assert f['farm0/layout'][:].tolist() == [[1, 2, 3], [4, 5, 6]] and f['farm0/layout'].fletcher32
assert f['farm0/aep'][()] == 7.5 and f['farm0/aep'].dtype == '<f8'
assert f['farm0'].attrs['status'] == 'success'
assert f['farm0'].attrs['place'] == b'Bornholm'
assert f['farm0'].attrs['n_turbines'] == 3 and f['farm0'].attrs['n_turbines'].dtype == '<i8'
assert f['farm0'].attrs['diameter'] == 240 and f['farm0'].attrs['diameter'].dtype == '<f8'
assert f['rows'][:].tolist() == [row for k in range(5) for row in ([k, -k], [k + 10, 3])] and f['rows'].maxshape == (None, 2)
assert json.loads(bytes(f['certificate'][:])) == {'område': 1}
index = f['index'][:]
assert len(index) == 2500 and index['key'][2499] == b'k2499' and index['aep'][2499] == 2499 / 3
assert np.isnan(index['aep'][7]) and f['index'].fletcher32 and index['n'].tolist() == list(range(2500))
assert f['power'].dims[0][0].name == '/turbine'
print('read')
`

test('h5py reads everything that was written', { skip }, async () => {
  const path = join(await temporaryFolder(), 'everything.h5')
  writeFileSync(path, writeEverything(await openWriter({ kind: 'memory' })))
  assert.equal((await runPython(everythingInPython, { args: [path] })).trim(), 'read')
})

test('h5dump reads the file', { skip: programSkipReason('h5dump') }, async () => {
  const path = join(await temporaryFolder(), 'everything.h5')
  writeFileSync(path, writeEverything(await openWriter({ kind: 'memory' })))
  assert.match(await runProgram('h5dump', ['-d', '/farm0/layout', path]), /\(0,0\): 1, 2, 3,/)
})

test('files written seconds apart are identical to the byte, and the clock runs on', async () => {
  const first = writeEverything(await openWriter({ kind: 'memory' }))
  const before = Date.now()
  await sleep(1100)
  const second = writeEverything(await openWriter({ kind: 'memory' }))
  assert.ok(Buffer.from(first).equals(second))
  assert.ok(Date.now() > before)
})

test('refuses to write what is there already, or under a group that is not', async () => {
  const writer = await openWriter({ kind: 'memory' })
  const scalar = { elementType: '<f8', shape: [], data: Float64Array.of(1) } as const
  writer.createGroup('/a')
  writer.writeDataset('/a/aep', scalar)
  writer.writeAttribute('/a', 'n', 1)
  assert.throws(() => writer.createGroup('/a'), /name already exists/)
  assert.throws(() => writer.writeDataset('/a/aep', scalar), /name already exists/)
  assert.throws(() => writer.writeDataset('/b/aep', scalar), Hdf5Error)
  assert.throws(() => writer.writeAttribute('/a', 'n', 2), /attribute already exists/)
  assert.throws(() => writer.writeAttribute('/b', 'n', 2), Hdf5Error)
  const reader = await openReader({ kind: 'memory', bytes: writer.close() })
  assert.deepEqual([...reader.attributes('/a')], [['n', 1]])
  assert.deepEqual([...reader.read('/a/aep').data], [1])
  reader.close()
})

test('refuses a ninth attribute, whatever was written in between', async () => {
  const writer = await openWriter({ kind: 'memory' })
  writer.createGroup('/a')
  for (let n = 0; n < 8; n++) {
    writer.writeAttribute('/a', `n${n}`, n)
    writer.writeAttribute('/', `n${n}`, n)
  }
  assert.throws(() => writer.writeAttribute('/a', 'n8', 8), /one too many/)
  writer.discard()
})

test('refuses values that would be changed on the way into the file', async () => {
  const writer = await openWriter({ kind: 'memory' })
  const column = (type: '<i4' | '<i8' | '|u1' | { text: number }) => [{ name: 'c', type }]
  assert.throws(() => writer.writeCompound('/1', column('<i4'), [[3e9]]), /does not fit/)
  assert.throws(() => writer.writeCompound('/2', column('|u1'), [[-1]]), /does not fit/)
  assert.throws(() => writer.writeCompound('/3', column('<i8'), [[1.5]]), /no integer/)
  assert.throws(() => writer.writeCompound('/4', column({ text: 3 }), [['four']]), /3 fit/)
  assert.throws(() => writer.writeCompound('/5', column({ text: 9 }), [['område']]), /not ASCII/)
  assert.throws(() => writer.writeAttribute('/', 'a', 'område'), /not ASCII/)
  assert.throws(() => writer.writeAttribute('/', 'a', 2n ** 63n), /int64/)
  assert.throws(
    () => writer.writeDataset('/6', { elementType: '<f8', shape: [1], data: Int32Array.of(1) }),
    /Int32Array/,
  )
  assert.throws(() => writer.writeDataset('/7', { elementType: '<i4', shape: [2], data: Int32Array.of(1) }), /shape/)
  writer.discard()
})

test('says that it is closed', async () => {
  const writer = await openWriter({ kind: 'memory' })
  writer.close()
  assert.throws(() => writer.createGroup('/a'), /closed/)
})
