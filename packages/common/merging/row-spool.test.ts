import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { seeded } from '../../../test/fixtures/merge-inputs.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { RowSpool } from './row-spool.ts'

test('gives back records of any size in order, as often as asked, and leaves no file', async () => {
  const folder = await temporaryFolder()
  const spool = new RowSpool(join(folder, 'rows'))
  const random = seeded(1)
  const lengths = [0, 1, 1 << 20, 3 << 20, ...Array.from({ length: 400 }, () => Math.floor(9000 * random()))]
  const recordOf = (length: number, at: number) => new Uint8Array(length).fill(at)
  for (const [at, length] of lengths.entries()) spool.append(recordOf(length, at))
  for (let pass = 0; pass < 2; pass++) {
    let at = 0
    for (const record of spool.records()) {
      assert.deepEqual(Buffer.from(record), Buffer.from(recordOf(lengths[at]!, at)))
      at++
    }
    assert.equal(at, lengths.length)
  }
  assert.deepEqual(await readdir(folder), [])
  spool.close()
})
