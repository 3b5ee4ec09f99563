import assert from 'node:assert/strict'
import { chmodSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { isWindrowError, messageOf } from '../errors/windrow-error.ts'
import { createFileStore } from '../store/file-store.ts'
import {
  type ClusterLeader,
  describeLeader,
  parseLeader,
  readLeader,
  removeLeader,
  writeLeader,
} from './cluster-file.ts'

const leader: ClusterLeader = {
  schema: 1,
  id: '0123456789abcdef',
  redis: 'redis://:correct-horse-battery@192.0.2.7:40123',
  host: 'node7',
  pid: 4711,
  sweep: 'small',
  startedAt: '2026-11-22T09:00:00.000Z',
}

async function emptyStore() {
  const store = await createFileStore(pathToFileURL(join(await temporaryFolder(), 'store')).href)
  return { store, path: join(fileURLToPath(store.url), 'cluster.json') }
}

describe('cluster.json', () => {
  it('says who leads to its owner alone, whoever led before, and is gone when that one has taken it back', async () => {
    const { store, path } = await emptyStore()
    assert.equal(await readLeader(store.url), undefined)
    await writeLeader(store.url, { ...leader, id: 'ffffffffffffffff' })
    await writeLeader(store.url, leader)
    assert.deepEqual(await readLeader(store.url), leader)
    assert.equal(statSync(path).mode & 0o777, 0o600)
    assert.deepEqual(readdirSync(fileURLToPath(store.url)).sort(), ['cluster.json', 'windrow-store.json'])
    await removeLeader(store.url, { id: 'ffffffffffffffff' })
    assert.deepEqual(await readLeader(store.url), leader, 'a leader takes back his own word only')
    await removeLeader(store.url, leader)
    assert.equal(await readLeader(store.url), undefined)
  })

  it('is no object of the store, and none can have its name', async () => {
    const { store } = await emptyStore()
    await writeLeader(store.url, leader)
    const names = []
    for await (const { name } of store.list('')) names.push(name)
    assert.deepEqual(names, [])
    await assert.rejects(store.create('cluster.json', new Uint8Array()), { code: 'STORE_NAME_INVALID' })
    await assert.rejects(store.read('cluster.json'), { code: 'STORE_NAME_INVALID' })
  })

  it('is refused when it is not what a leader writes, without a word of what is in it', () => {
    const changed = (changes: object) => JSON.stringify({ ...leader, ...changes })
    const wrong = [
      '',
      '{"redis":"redis://:correct-horse',
      '"redis://:correct-horse-battery@h:1"',
      changed({ schema: 2 }),
      changed({ redis: 'redis://:correct-horse-battery@' }),
      changed({ redis: 'unix://:correct-horse-battery@/tmp/redis.sock' }),
      changed({ redis: 'redis://192.0.2.7:40123' }),
      changed({ pid: 0 }),
      changed({ startedAt: 'today' }),
      changed({ id: '../up' }),
    ]
    for (const text of wrong) {
      assert.throws(
        () => parseLeader('/shared/cluster.json', text),
        (error) =>
          isWindrowError(error, 'STORE_RECORD_INVALID') &&
          !/correct-horse/.test(JSON.stringify(error) + messageOf(error)),
        text,
      )
    }
    assert.deepEqual(parseLeader('/shared/cluster.json', changed({ added: 'later' })), leader)
  })

  it('is not followed through a symbolic link', async () => {
    const { store, path } = await emptyStore()
    const elsewhere = join(await temporaryFolder(), 'cluster.json')
    writeFileSync(elsewhere, JSON.stringify(leader))
    chmodSync(elsewhere, 0o600)
    symlinkSync(elsewhere, path)
    await assert.rejects(readLeader(store.url), { code: 'STORE_NAME_INVALID' })
    assert.equal(readFileSync(elsewhere, 'utf8'), JSON.stringify(leader))
  })

  it('is described without its password', () => {
    assert.equal(describeLeader(leader), 'the leader of small on node7 (process 4711, Redis at 192.0.2.7:40123)')
  })
})
