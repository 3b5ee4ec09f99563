import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isWindrowError } from '../errors/windrow-error.ts'
import { systemRandomness } from '../time/randomness.ts'
import { createMemoryStore } from './memory-store.ts'
import { openStore } from './open-store.ts'
import { probeStore } from './probe-store.ts'
import type { Store } from './store.ts'

const isUnsafe = (error: unknown) => isWindrowError(error, 'STORE_UNSAFE')

/** A memory store with another `create`. */
function storeThatCreates(create: (memory: Store, name: string, bytes: Uint8Array) => ReturnType<Store['create']>) {
  const memory = createMemoryStore()
  const store: Store = {
    url: 'memory:',
    create: (name, bytes) => create(memory, name, bytes),
    createFromFile: (name, path) => memory.createFromFile(name, path),
    read: (name) => memory.read(name),
    readToFile: (name, path) => memory.readToFile(name, path),
    list: (prefix) => memory.list(prefix),
    folders: (prefix) => memory.folders(prefix),
    remove: (name) => memory.remove(name),
  }
  return store
}

describe('probing a store', () => {
  it('stops at a store that overwrites and says so', async () => {
    const overwriting = storeThatCreates(async (memory, name, bytes) => {
      await memory.remove(name)
      return await memory.create(name, bytes)
    })
    await assert.rejects(probeStore(overwriting, systemRandomness), isUnsafe)
    assert.deepEqual(await overwriting.folders(''), [])
  })

  it('stops at a store that overwrites and claims that it refused', async () => {
    const lying = storeThatCreates(async (memory, name, bytes) => {
      const existed = (await memory.read(name)) !== undefined
      await memory.remove(name)
      await memory.create(name, bytes)
      return existed ? 'exists' : 'created'
    })
    await assert.rejects(probeStore(lying, systemRandomness), isUnsafe)
  })
})

describe('opening a store', () => {
  it('refuses addresses of other kinds, and shows no credentials', async () => {
    for (const url of ['s3://key:secret@bucket/prefix', 'https://key:secret@host', 'just/a/path', '']) {
      await assert.rejects(openStore(url), (error) => {
        assert.ok(isWindrowError(error, 'USAGE'))
        assert.ok(!error.message.includes('secret'))
        return true
      })
    }
  })
})
