import assert from 'node:assert/strict'
import test from 'node:test'
import { readSuperblock, signature } from './superblock.ts'
import { openWriter } from './writer.ts'

const superblockOf = (bytes: Uint8Array) =>
  readSuperblock((from, length) => bytes.subarray(from, from + length), bytes.length)

test('finds version and end of a file of this project', async () => {
  const writer = await openWriter({ kind: 'memory' })
  writer.createGroup('/a')
  const bytes = writer.close()
  assert.deepEqual(superblockOf(bytes), { version: 3, offset: 0, endOfFile: bytes.length })
})

test('finds the superblock behind a user block', async () => {
  const writer = await openWriter({ kind: 'memory' })
  const bytes = writer.close()
  const shifted = new Uint8Array(1024 + bytes.length)
  shifted.set(bytes, 1024)
  assert.deepEqual(superblockOf(shifted), { version: 3, offset: 1024, endOfFile: bytes.length })
})

test('tells no signature from a superblock that cannot be', () => {
  assert.equal(superblockOf(new Uint8Array(5000)), 'no-signature')
  assert.equal(superblockOf(new Uint8Array(0)), 'no-signature')
  assert.equal(superblockOf(Uint8Array.of(...signature)), 'unknown')
  assert.equal(superblockOf(Uint8Array.of(...signature, 9, ...new Uint8Array(80))), 'unknown')
})
