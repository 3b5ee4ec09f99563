import assert from 'node:assert/strict'
import test from 'node:test'
import { Hdf5Error } from './hdf5-error.ts'
import { loadHdf5 } from './library.ts'
import { limitWasmMemory } from './limit-memory.ts'

test('libhdf5 gets no more memory than it may have, says so, and goes on', async () => {
  limitWasmMemory(64 * 2 ** 20)
  const library = await loadHdf5()
  const allocate = (bytes: number) => library.withBytes(new Uint8Array(bytes), () => library.module.HEAPU8.length)
  assert.ok(allocate(20 * 2 ** 20) <= 64 * 2 ** 20)
  assert.throws(() => allocate(100 * 2 ** 20), Hdf5Error)
  assert.ok(library.module.HEAPU8.length <= 64 * 2 ** 20)
  assert.equal(await loadHdf5(), library)
  assert.ok(allocate(20 * 2 ** 20) > 0)
})
