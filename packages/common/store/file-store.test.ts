import assert from 'node:assert/strict'
import { link, mkdir, mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it, type TestContext } from 'node:test'
import { pathToFileURL } from 'node:url'
import { storeContract } from '../../../test/contracts/store.contract.ts'
import { createInManyProcesses } from '../../../test/fixtures/create-in-many-processes.ts'
import { fileActsOf, lostInPowerCut } from '../../../test/fixtures/file-acts.ts'
import { mountSmallDisk, type SmallDisk } from '../../../test/fixtures/small-disk.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import { linkUnlessTaken } from './durable-files.ts'
import { createFileStore, openFileStore } from './file-store.ts'
import type { Store } from './store.ts'

const bytes = Buffer.from('result')
const rejectsWith = (promise: Promise<unknown>, code: ErrorCode) =>
  assert.rejects(promise, (error) => isWindrowError(error, code) || assert.fail(`expected ${code}, got ${error}`))

async function list(store: Store, prefix = ''): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list(prefix)) found.push(name)
  return found.sort()
}

storeContract('file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'windrow-file-store-'))
  const store = await createFileStore(pathToFileURL(join(folder, 'a store')).href)
  return { store, close: () => rm(folder, { recursive: true }) }
})

describe('file store', () => {
  let folder: string
  let path: string
  let url: string
  let store: Store

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'windrow-file-store-'))
    path = join(folder, 'store')
    url = pathToFileURL(path).href
    store = await createFileStore(url)
  })
  after(() => rm(folder, { recursive: true }))

  it('opens what was created, and creating again changes nothing', async () => {
    await store.create('again/a', bytes)
    assert.deepEqual(await list(await openFileStore(url), 'again/'), ['again/a'])
    assert.deepEqual(await list(await createFileStore(`${url}/`), 'again/'), ['again/a'])
    assert.equal((await openFileStore(`${url}/`)).url, url)
  })

  it('opens no store where none was created', async () => {
    await mkdir(join(folder, 'empty mount point'))
    await rejectsWith(openFileStore(pathToFileURL(join(folder, 'empty mount point')).href), 'STORE_UNAVAILABLE')
    await rejectsWith(openFileStore(pathToFileURL(join(folder, 'nothing')).href), 'STORE_UNAVAILABLE')
    assert.deepEqual((await readdir(folder)).sort(), ['empty mount point', 'store'])
  })

  it('refuses addresses that are not file:///path', async () => {
    for (const wrong of ['file://host/path', 'file:///a?b=c', 's3://bucket', 'nonsense'])
      await rejectsWith(openFileStore(wrong), 'USAGE')
  })

  it('gives a name that 16 creators in 4 processes want to exactly one', async () => {
    const answers = await createInManyProcesses(url, {
      names: ['race/a', 'race/b', 'race/c'],
      processes: 4,
      creatorsEach: 4,
    })
    for (const [name, { created, exists }] of Object.entries(answers)) {
      assert.deepEqual({ created: created.length, exists }, { created: 1, exists: 15 }, name)
      assert.equal(Buffer.from((await store.read(name))!).toString(), created[0])
    }
    assert.deepEqual(await readdir(join(path, 'race')), ['a', 'b', 'c'])
  })

  it('has an object outlast a power cut once it is created, with the folders it is in', async () => {
    const source = join(folder, 'source of lasting')
    await writeFile(source, 'x')
    const created = await fileActsOf(() => store.create('lasting/deep/a', bytes))
    const copied = await fileActsOf(() => store.createFromFile('lasting/deep/b', source))
    assert.deepEqual(lostInPowerCut(created, join(path, 'lasting/deep/a')), [])
    assert.deepEqual(lostInPowerCut(copied, join(path, 'lasting/deep/b')), [])
    for (const above of [path, join(path, 'lasting')])
      assert.ok(created.some(({ act, path }) => act === 'synced' && path === above))
  })

  it('says that a name is taken only when a power cut cannot free it again', async () => {
    await store.create('lasting/taken', bytes)
    const acts = await fileActsOf(() => store.create('lasting/taken', bytes))
    assert.deepEqual(acts, [{ act: 'synced', path: join(path, 'lasting') }])
  })

  it('sees nothing of temporary files that a crash left behind', async () => {
    await store.create('crash/a', bytes)
    await mkdir(join(path, 'crashed'))
    for (const where of ['crash', 'crashed', '.'])
      await writeFile(join(path, where, '.tmp-0123456789abcdef'), 'half a res')
    assert.deepEqual(await list(store, 'crash'), ['crash/a'])
    assert.ok(!(await list(store)).some((name) => name.includes('tmp')))
    assert.deepEqual(await store.folders('crash/'), [])
    assert.ok(!(await store.folders('')).includes('crashed'))
  })

  it('leaves no temporary file behind when the source fails in the middle', async () => {
    await store.create('source/a', bytes)
    await rejectsWith(store.createFromFile('source/b', folder), 'FILE_UNREADABLE')
    assert.deepEqual(await readdir(join(path, 'source')), ['a'])
  })

  it('follows no symbolic link', async () => {
    const outside = join(folder, 'outside')
    await mkdir(outside)
    await writeFile(join(outside, 'secret'), 'secret')
    await store.create('links/a', bytes)
    await symlink(outside, join(path, 'links', 'folder'))
    await symlink(join(outside, 'secret'), join(path, 'links', 'file'))
    await rejectsWith(store.read('links/folder/secret'), 'STORE_NAME_INVALID')
    await rejectsWith(store.create('links/folder/new', bytes), 'STORE_NAME_INVALID')
    await rejectsWith(store.remove('links/folder/secret'), 'STORE_NAME_INVALID')
    await rejectsWith(store.read('links/file'), 'STORE_NAME_INVALID')
    assert.equal(await store.create('links/file', bytes), 'exists')
    assert.deepEqual(await list(store, 'links/'), ['links/a'])
    assert.deepEqual(await readdir(outside), ['secret'])
  })

  it('is reached through a symbolic link to its root', async () => {
    await symlink(path, join(folder, 'shortcut'))
    const linked = await openFileStore(pathToFileURL(join(folder, 'shortcut')).href)
    assert.equal(await linked.create('shortcut/a', bytes), 'created')
    assert.equal((await store.read('shortcut/a'))?.length, bytes.length)
  })

  it('reports a name below an object as invalid', async () => {
    await store.create('object', bytes)
    await rejectsWith(store.create('object/below', bytes), 'STORE_NAME_INVALID')
  })

  it('is unavailable while its root is away, is not made anew, and is back with the root', async () => {
    await store.create('away/a', bytes)
    await rename(path, `${path}.away`)
    const everyCall = async () => {
      await rejectsWith(store.create('away/b', bytes), 'STORE_UNAVAILABLE')
      await rejectsWith(store.read('away/a'), 'STORE_UNAVAILABLE')
      await rejectsWith(store.readToFile('away/a', join(folder, 'target')), 'STORE_UNAVAILABLE')
      await rejectsWith(list(store, 'away/'), 'STORE_UNAVAILABLE')
      await rejectsWith(store.folders(''), 'STORE_UNAVAILABLE')
      await rejectsWith(store.remove('away/a'), 'STORE_UNAVAILABLE')
    }
    await everyCall()
    await assert.rejects(stat(path))
    await mkdir(path)
    await everyCall()
    assert.deepEqual(await readdir(path), [])
    await rm(path, { recursive: true })
    await rename(`${path}.away`, path)
    assert.equal(await store.create('away/b', bytes), 'created')
  })

  it('takes its own link for its own, though the file system reports it as taken', async () => {
    // What a repeated NFS link looks like from here: the name is another link of the very same file.
    const [temporary, target] = [join(folder, 'temporary'), join(folder, 'target')]
    await writeFile(temporary, 'x')
    await link(temporary, target)
    assert.equal(await linkUnlessTaken(temporary, target), 'created')
    await writeFile(join(folder, 'other'), 'x')
    assert.equal(await linkUnlessTaken(join(folder, 'other'), target), 'exists')
  })
})

describe('file store on a small disk', () => {
  async function onSmallDisk(t: TestContext, test: (disk: SmallDisk, store: Store) => Promise<void>): Promise<void> {
    const disk = await mountSmallDisk(256)
    if ('skipped' in disk) return t.skip(disk.skipped)
    try {
      await test(disk, await createFileStore(pathToFileURL(disk.path).href))
    } finally {
      await disk.remove()
    }
  }

  it('says that the disk is full, keeps what is there and nothing half-written', (t) =>
    onSmallDisk(t, async (disk, store) => {
      await store.create('full/a', bytes)
      await rejectsWith(store.create('full/b', Buffer.alloc(1 << 20)), 'STORE_FULL')
      const source = join(tmpdir(), `windrow-large-${process.pid}`)
      await writeFile(source, Buffer.alloc(1 << 20))
      await rejectsWith(store.createFromFile('full/c', source), 'STORE_FULL')
      await rm(source)
      assert.deepEqual(await readdir(join(disk.path, 'full')), ['a'])
      assert.equal(await store.create('full/b', bytes), 'created')
    }))

  it('says that a local disk is full when that is where it writes', (t) =>
    onSmallDisk(t, async (disk, store) => {
      const folder = await mkdtemp(join(tmpdir(), 'windrow-file-store-'))
      const large = await createFileStore(pathToFileURL(folder).href)
      await large.create('large/a', Buffer.alloc(1 << 20))
      await rejectsWith(large.readToFile('large/a', join(disk.path, 'target')), 'DISK_FULL')
      await rm(folder, { recursive: true })
      assert.deepEqual((await readdir(disk.path)).sort(), ['windrow-store.json'])
      assert.deepEqual(await list(store), [])
    }))

  it('says that the store is read-only, and still reads', (t) =>
    onSmallDisk(t, async (disk, store) => {
      await store.create('ro/a', bytes)
      await disk.makeReadOnly()
      await rejectsWith(store.create('ro/b', bytes), 'STORE_READ_ONLY')
      await rejectsWith(store.create('new-folder/b', bytes), 'STORE_READ_ONLY')
      await rejectsWith(store.remove('ro/a'), 'STORE_READ_ONLY')
      assert.equal((await store.read('ro/a'))?.length, bytes.length)
      assert.deepEqual(await list(store), ['ro/a'])
    }))

  it('takes an unmounted disk for a store that is away, not for an empty one', (t) =>
    onSmallDisk(t, async (disk, store) => {
      await store.create('mount/a', bytes)
      await disk.unmount()
      await rejectsWith(store.read('mount/a'), 'STORE_UNAVAILABLE')
      await rejectsWith(store.create('mount/b', bytes), 'STORE_UNAVAILABLE')
      await rejectsWith(list(store, 'mount/'), 'STORE_UNAVAILABLE')
      assert.deepEqual(await readdir(disk.path), [])
    }))
})
