import assert from 'node:assert/strict'
import { closeSync, openSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import test from 'node:test'
import { temporaryFolder } from '../../../../test/fixtures/temporary-folder.ts'
import { openWriter } from '../writer.ts'
import { countRootLinks } from './root-links.ts'

const count = (bytes: Uint8Array, path: string): number | undefined => {
  const fd = openSync(path, 'r')
  try {
    return countRootLinks({ fd, size: bytes.length })
  } finally {
    closeSync(fd)
  }
}

async function fileOf(groups: number): Promise<{ path: string; bytes: Buffer }> {
  const path = join(await temporaryFolder(), 'groups.h5')
  const fd = openSync(path, 'w+')
  const writer = await openWriter({ kind: 'descriptor', fd })
  for (let n = 0; n < groups; n++) writer.createGroup(`/farm${n}`)
  if (groups % 2 === 1) writer.writeAttribute('/', 'schema', 'long enough for a continuation of the header'.repeat(20))
  writer.close()
  closeSync(fd)
  return { path, bytes: await readFile(path) }
}

test('counts the links of the root group, be they in its header or in an index of several levels', async () => {
  for (const groups of [0, 1, 7, 8, 9, 200, 5001]) {
    const { path, bytes } = await fileOf(groups)
    assert.equal(count(bytes, path), groups)
  }
})

test('leaves to libhdf5 what it cannot count: damage, and files of other kinds', async () => {
  const { path, bytes } = await fileOf(200)
  const index = bytes.indexOf('BTHD')
  for (const at of [9, 40, bytes.indexOf('OHDR') + 30, index + 4, index + 30]) {
    const damaged = Uint8Array.from(bytes)
    damaged[at]! ^= 1
    await writeFile(path, damaged)
    assert.equal(count(damaged, path), undefined, `byte ${at}`)
  }
  await writeFile(path, bytes.subarray(0, index))
  assert.equal(count(bytes.subarray(0, index), path), undefined)
})
