import assert from 'node:assert/strict'
import test from 'node:test'
import { loadHdf5 } from './library.ts'
import { openWriter } from './writer.ts'

test('every caller of a thread gets the same instance', async () => {
  const [first, second] = await Promise.all([loadHdf5(), loadHdf5()])
  assert.equal(first, second)
})

test('an instance that trapped is used no more, and a fresh one takes its place', async () => {
  const library = await loadHdf5()
  const writing = await openWriter({ kind: 'memory' })
  writing.writeText('/t', 'text')
  const path = library.reservePath()
  library.files.writeFile(path, writing.close())
  const trap = () =>
    library.call('reading to where there is no memory', (module) => {
      const file = module.open(path, module.H5F_ACC_RDONLY, false, -1, -1)
      return module.get_dataset_data(file, '/t', null, null, null, 0xfffffff0n)
    })
  assert.throws(trap, { crashed: true })
  assert.throws(() => library.call('going on', () => 0), { crashed: true })
  const [fresh, same] = await Promise.all([loadHdf5(), loadHdf5()])
  assert.notEqual(fresh, library)
  assert.equal(fresh, same)
  const writer = await openWriter({ kind: 'memory' })
  writer.createGroup('/a')
  assert.ok(writer.close().length > 0)
})

test('a console that others use is left alone', async () => {
  const { error } = console
  await loadHdf5()
  assert.equal(console.error, error)
})
