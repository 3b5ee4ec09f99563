import assert from 'node:assert/strict'
import { chmod, mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { findRedisServer } from './find-server.ts'

test('prefers the PATH, then conda, then what the set-up unpacked', async () => {
  const root = await temporaryFolder()
  const unpacked = await program(join(root, '.windrow/tools/redis/usr/bin/redis-server'), '7.0.15')
  await mkdir(join(root, '.windrow/tools/redis/usr/lib/x86_64-linux-gnu'), { recursive: true })
  const search = { path: '', condaPrefix: join(root, 'conda'), root }
  const found = await findRedisServer(search)
  assert.deepEqual(found, {
    binary: unpacked,
    libraryPath: join(root, '.windrow/tools/redis/usr/lib/x86_64-linux-gnu'),
    version: '7.0.15',
  })

  const conda = await program(join(root, 'conda/bin/redis-server'), '7.2.4')
  assert.equal((await findRedisServer(search)).binary, conda)

  const onPath = await program(join(root, 'bin/valkey-server'), '8.1.3')
  const path = `/nowhere:${join(root, 'bin')}`
  assert.deepEqual(await findRedisServer({ ...search, path }), { binary: onPath, version: '8.1.3' })
})

test('passes over what is too old or does not run, and names it when nothing else is there', async () => {
  const root = await temporaryFolder()
  const old = await program(join(root, 'bin/redis-server'), '5.0.7')
  const broken = join(root, 'conda/bin/redis-server')
  await mkdir(dirname(broken), { recursive: true })
  await writeFile(broken, 'no program')
  const search = { path: join(root, 'bin'), condaPrefix: join(root, 'conda'), root }
  await assert.rejects(findRedisServer(search), (error: Error & { code?: string }) => {
    assert.equal(error.code, 'REDIS_MISSING')
    assert.ok(error.message.includes(`${old} (version 5.0.7 is older than 6.2)`))
    assert.ok(error.message.includes(`${broken} (does not run)`))
    return true
  })
})

async function program(path: string, version: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(
    path,
    `#!/bin/sh\necho "Redis server v=${version} sha=00000000:0 malloc=jemalloc-5.3.0 bits=64 build=0"\n`,
  )
  await chmod(path, 0o755)
  return path
}
