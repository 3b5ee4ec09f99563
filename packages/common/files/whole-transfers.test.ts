import assert from 'node:assert/strict'
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { withShortTransfers } from '../../../test/fixtures/file-faults.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { readBytes, readFully, writeFully } from './whole-transfers.ts'

const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)

test('what a system gives in pieces is read whole, and what the file does not have is told', async () => {
  const path = join(await temporaryFolder(), 'file')
  writeFileSync(path, bytes)
  const fd = openSync(path, 'r')
  await withShortTransfers(7, async () => {
    const target = new Uint8Array(300)
    assert.equal(readFully(fd, target, 100), 300)
    assert.deepEqual(target, bytes.subarray(100, 400))
    assert.equal(readFully(fd, target, 900), 100)
    assert.deepEqual(target.subarray(0, 100), bytes.subarray(900))
    assert.deepEqual(readBytes(fd, 10, 20), bytes.subarray(10, 30))
    assert.deepEqual(readBytes(fd, 990, 20), bytes.subarray(990))
    assert.equal(readBytes(fd, 2000, 20).length, 0)
  })
  closeSync(fd)
})

test('what a system takes in pieces is written whole, at a place or behind what is there', async () => {
  const path = join(await temporaryFolder(), 'file')
  const fd = openSync(path, 'w')
  await withShortTransfers(7, async () => {
    writeFully(fd, bytes.subarray(0, 500))
    writeFully(fd, bytes.subarray(500))
    writeFully(fd, bytes.subarray(300, 400), 100)
  })
  closeSync(fd)
  const expected = bytes.slice()
  expected.set(bytes.subarray(300, 400), 100)
  assert.deepEqual(new Uint8Array(readFileSync(path)), expected)
})
