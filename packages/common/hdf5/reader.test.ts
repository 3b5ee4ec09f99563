import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { loadHdf5 } from './library.ts'
import { openReader } from './reader.ts'
import { openWriter } from './writer.ts'

const skip = await pythonSkipReason('h5py')

async function openFromPython(code: string, args: string[] = []) {
  const path = join(await temporaryFolder(), 'made.h5')
  await runPython(`import sys, h5py, numpy as np\nf = h5py.File(sys.argv[1], 'w')\n${code}\nf.close()`, {
    args: [path, ...args],
  })
  return openReader({ kind: 'memory', bytes: readFileSync(path) })
}

test('reads what h5py writes: types, storage, filters and the superblock version', { skip }, async () => {
  const reader = await openFromPython(`
g = f.create_group('g')
g.attrs['status'] = 'success'
g.attrs['fixed'] = np.bytes_('yes')
g.attrs['n'] = 3
g.attrs['small'] = np.uint8(200)
g.attrs['half'] = np.float32(0.5)
g.create_dataset('plain', data=np.arange(6.).reshape(2, 3))
g.create_dataset('packed', data=np.arange(1000, dtype='<i4'), chunks=(100,), compression='gzip', maxshape=(None,))
g.create_dataset('text', data='hello')
g.create_dataset('big', data=np.arange(3, dtype='>f8'))
f['named'] = np.dtype('f8')`)
  assert.equal(reader.superblockVersion, 0)
  assert.deepEqual(reader.members('/'), [
    { name: 'g', kind: 'group' },
    { name: 'named', kind: 'other' },
  ])
  assert.deepEqual(Object.fromEntries(reader.attributes('/g')), {
    ...{ fixed: 'yes', half: 0.5, n: 3n, small: 200n, status: 'success' },
  })
  assert.deepEqual(reader.read('/g/plain'), {
    elementType: '<f8',
    shape: [2, 3],
    data: Float64Array.of(0, 1, 2, 3, 4, 5),
  })
  assert.deepEqual(reader.readRows('/g/packed', 998, 2).data, Int32Array.of(998, 999))
  const packed = reader.datasetInfo('/g/packed')
  assert.deepEqual([packed.maxShape, packed.chunks, packed.storage], [[null], [100], 'chunked'])
  assert.deepEqual(packed.filters, [{ id: 1, name: 'deflate' }])
  assert.deepEqual(reader.datasetInfo('/g/text').type, { kind: 'text', bytes: 'variable' })
  assert.equal(reader.datasetInfo('/g/big').type.kind, 'other')
  assert.throws(() => reader.read('/g/big'), /not numeric/)
  assert.throws(() => reader.read('/g/none'), /doesn't exist/)
  reader.close()
})

test('names attributes it cannot read instead of guessing', { skip }, async () => {
  const reader = await openFromPython(
    `f.attrs['list'] = [1, 2]\nf.attrs['yes'] = True\nf.attrs['none'] = h5py.Empty('f8')`,
  )
  for (const name of ['list', 'yes', 'none']) assert.throws(() => reader.attribute('/', name), new RegExp(name))
  reader.close()
})

test('never follows links nor reads the data of other files', { skip }, async () => {
  const folder = await temporaryFolder()
  const secret = join(folder, 'secret.bin')
  const other = join(folder, 'other.h5')
  writeFileSync(secret, new Uint8Array(Float64Array.of(42, 42).buffer))
  const reader = await openFromPython(
    `
secret, other = sys.argv[2:]
with h5py.File(other, 'w') as o: o['x'] = np.full(2, 42.)
f['here'] = np.zeros(2)
f['soft'] = h5py.SoftLink('/here')
f['outside'] = h5py.ExternalLink(other, '/x')
f.create_dataset('stored', (2,), 'f8', external=[(secret, 0, 16)])
f.create_dataset('typed', (2,), 'f8', external=[('/dev/stdin', 0, 16)])
f.create_dataset('random', (2,), 'f8', external=[('/dev/urandom', 0, 16)])
layout = h5py.VirtualLayout((2,), 'f8')
layout[:] = h5py.VirtualSource(other, 'x', (2,))
f.create_virtual_dataset('virtual', layout)
f.create_group('g')
f['g/up'] = h5py.SoftLink('/')`,
    [secret, other],
  )
  const kinds = Object.fromEntries(reader.members('/').map(({ name, kind }) => [name, kind]))
  assert.deepEqual([kinds.here, kinds.soft, kinds.outside], ['dataset', 'other', 'other'])
  assert.equal(reader.datasetInfo('/virtual').storage, 'virtual')
  for (const path of ['/soft', '/outside', '/virtual', '/g/up/here']) assert.throws(() => reader.read(path), path)
  for (const path of ['/stored', '/typed', '/random']) assert.throws(() => reader.read(path), /data of another file/)
  assert.deepEqual(reader.read('/here').data, Float64Array.of(0, 0))
  reader.close()
})

test('holds sizes against the limit before it reads', { skip }, async () => {
  const reader = await openFromPython(`
f.create_dataset('sparse', (10**6, 10**6), 'f8', chunks=(100, 100))
f.create_dataset('chunk', (10**5, 10**4), 'f8', chunks=(10**4, 10**4))`)
  const { HEAPU8 } = (await loadHdf5()).module
  assert.throws(() => reader.read('/sparse'), /8000000000000 bytes/)
  assert.throws(() => reader.readRows('/chunk', 0, 1), /800000000 bytes/)
  assert.equal((await loadHdf5()).module.HEAPU8.length, HEAPU8.length)
  reader.close()
})

test('says why a file does not open', async () => {
  const writer = await openWriter({ kind: 'memory' })
  writer.writeText('/t', 'text'.repeat(1000))
  const bytes = writer.close()
  await assert.rejects(openReader({ kind: 'memory', bytes: new Uint8Array(5000) }), /file signature not found/)
  await assert.rejects(openReader({ kind: 'memory', bytes: new Uint8Array(0) }), /file signature not found/)
  await assert.rejects(openReader({ kind: 'memory', bytes: bytes.subarray(0, bytes.length - 1) }), /truncated file/)
  const reader = await openReader({ kind: 'memory', bytes })
  assert.equal(reader.readText('/t'), 'text'.repeat(1000))
  reader.close()
})

test('nothing of a file stays after it is closed, whatever was wrong with it', async () => {
  const library = await loadHdf5()
  const writer = await openWriter({ kind: 'memory' })
  writer.writeText('/t', 'text')
  const bytes = writer.close()
  const streams = () => library.files.streams.filter((stream) => stream?.path?.endsWith('.h5')).length
  for (let round = 0; round < 300; round++) {
    const cut = bytes.slice(0, round % 3 === 0 ? bytes.length : Math.floor((bytes.length * round) / 300))
    try {
      const reader = await openReader({ kind: 'memory', bytes: cut })
      assert.equal(reader.readText('/t'), 'text')
      assert.throws(() => reader.read('/nope'))
      reader.close()
    } catch (error) {
      assert.match(String(error), /signature|truncated/)
    }
  }
  assert.equal(streams(), 0)
  assert.equal(await loadHdf5(), library)
})

test('a closed file is said to be closed, and is no reason to mistrust libhdf5', async () => {
  const library = await loadHdf5()
  const writer = await openWriter({ kind: 'memory' })
  writer.writeText('/t', 'text')
  writer.writeAttribute('/', 'status', 'success')
  const reader = await openReader({ kind: 'memory', bytes: writer.close() })
  reader.close()
  for (const ask of [
    () => reader.attribute('/', 'status'),
    () => reader.attributeNames('/'),
    () => reader.memberNames('/'),
    () => reader.kindOf('/t'),
    () => reader.addressOf('/t'),
    () => reader.readText('/t'),
  ]) {
    assert.throws(ask, /the file is closed/)
  }
  assert.equal(library.broken, false)
  assert.equal(await loadHdf5(), library)
})
