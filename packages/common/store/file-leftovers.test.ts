import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { findLeftovers, removeLeftovers } from './file-leftovers.ts'
import { createFileStore } from './file-store.ts'

const yesterday = Date.now() - 24 * 3_600_000

test('finds what stopped uploads left behind, and neither objects nor uploads under way', async () => {
  const folder = await temporaryFolder()
  const store = await createFileStore(pathToFileURL(folder).href)
  await store.create('sweeps/a/results/k.0.h5', Buffer.from('object'))
  const old = join(folder, 'sweeps/a/results/.tmp-old')
  const abandoned = join(folder, 'sweeps/a/quarantine/k/.tmp-older')
  await mkdir(join(folder, 'sweeps/a/quarantine/k'), { recursive: true })
  for (const path of [old, abandoned]) {
    await writeFile(path, 'half')
    await utimes(path, new Date(yesterday - 1000), new Date(yesterday - 1000))
  }
  await writeFile(join(folder, 'sweeps/a/results/.tmp-now'), 'under way')
  await store.create('sweeps/b/results/k.0.h5', Buffer.from('another sweep'))
  const found = await findLeftovers(store.url, 'sweeps/a/', yesterday)
  assert.deepEqual(
    found.map(({ path, size }) => [path, size]).sort(),
    [
      [abandoned, 4],
      [old, 4],
    ].sort(),
  )
  await removeLeftovers(store.url, found)
  assert.deepEqual([existsSync(old), existsSync(join(folder, 'sweeps/a/quarantine'))], [false, false])
  assert.ok(existsSync(join(folder, 'sweeps/a/results/.tmp-now')))
  assert.equal((await store.read('sweeps/a/results/k.0.h5'))?.length, 6)
})

test('a sweep that is not there has none, and neither has a store of another kind', async () => {
  const store = await createFileStore(pathToFileURL(await temporaryFolder()).href)
  assert.deepEqual(await findLeftovers(store.url, 'sweeps/a/', yesterday), [])
  assert.deepEqual(await findLeftovers('s3://bucket/prefix', 'sweeps/a/', yesterday), [])
})
