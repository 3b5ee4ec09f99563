import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { probeStore } from '@windrow/common/store/probe-store.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'

export interface StoreUnderTest {
  readonly store: Store
  close(): Promise<void>
}

const bytes = (text: string) => new TextEncoder().encode(text)
const text = (found: Uint8Array | undefined) => found && new TextDecoder().decode(found)

/** What every adapter of the store promises. `open` gives a new, empty store. */
export function storeContract(adapter: string, open: () => Promise<StoreUnderTest>): void {
  describe(`store contract: ${adapter}`, () => {
    let store: Store
    let close: () => Promise<void>
    let local: string

    before(async () => {
      local = await mkdtemp(join(tmpdir(), 'windrow-store-contract-'))
      const opened = await open()
      store = opened.store
      close = () => opened.close()
    })
    after(async () => {
      await close()
      await rm(local, { recursive: true })
    })

    async function listed(prefix: string): Promise<string[]> {
      const found: string[] = []
      for await (const { name, size } of store.list(prefix)) found.push(`${name}:${size}`)
      return found.sort()
    }

    it('reads back what was created', async () => {
      assert.equal(await store.create('plain/one', bytes('first')), 'created')
      assert.equal(text(await store.read('plain/one')), 'first')
    })

    it('creates a name once and keeps the first bytes', async () => {
      assert.equal(await store.create('once/a', bytes('first')), 'created')
      assert.equal(await store.create('once/a', bytes('second')), 'exists')
      assert.equal(text(await store.read('once/a')), 'first')
    })

    it('stores an empty object', async () => {
      assert.equal(await store.create('empty/a', new Uint8Array()), 'created')
      assert.equal((await store.read('empty/a'))?.length, 0)
      assert.deepEqual(await listed('empty/'), ['empty/a:0'])
    })

    it('does not keep the array it was given', async () => {
      const given = bytes('before')
      await store.create('own/a', given)
      given.fill(0)
      const read = await store.read('own/a')
      assert.equal(text(read), 'before')
      read!.fill(0)
      assert.equal(text(await store.read('own/a')), 'before')
    })

    it('reports an absent object as undefined, also where a folder has its name', async () => {
      await store.create('folder/below/a', bytes('x'))
      assert.equal(await store.read('folder/none'), undefined)
      assert.equal(await store.read('nowhere/none'), undefined)
      assert.equal(await store.read('folder/below'), undefined)
      assert.equal(await store.read('folder/below/a/deeper'), undefined)
    })

    it('gives a name that 16 want at once to exactly one of them', async () => {
      const wanted = Array.from({ length: 16 }, (_, i) => `creator ${i}`)
      const answers = await Promise.all(wanted.map((who) => store.create('race/a', bytes(who))))
      assert.equal(answers.filter((answer) => answer === 'created').length, 1)
      assert.equal(text(await store.read('race/a')), wanted[answers.indexOf('created')])
    })

    it('lists by prefix, cut anywhere, with sizes', async () => {
      for (const name of [
        'list/results/a.0.h5',
        'list/results/ab.0.h5',
        'list/dead/a.0.json',
        'list/manifest.1.json',
      ]) {
        await store.create(name, bytes(name))
      }
      const all = [
        'list/dead/a.0.json:18',
        'list/manifest.1.json:20',
        'list/results/a.0.h5:19',
        'list/results/ab.0.h5:20',
      ]
      assert.deepEqual(await listed('list/'), all)
      assert.deepEqual(await listed('list/results/'), all.slice(2))
      assert.deepEqual(await listed('list/results/ab'), all.slice(3))
      assert.deepEqual(await listed('list/manifest.'), all.slice(1, 2))
      assert.deepEqual(await listed('list/res'), all.slice(2))
      assert.deepEqual(await listed('list/none/'), [])
      for (const name of all) assert.ok((await listed('')).includes(name))
    })

    it('lets a reader stop in the middle of a listing', async () => {
      for (let i = 0; i < 70; i++) await store.create(`long/${i}`, bytes('x'))
      let seen = 0
      for await (const _ of store.list('long/')) if (++seen === 3) break
      assert.equal(seen, 3)
      assert.equal((await listed('long/')).length, 70)
    })

    it('names the folders directly under a prefix, bytewise sorted, and no empty ones', async () => {
      for (const name of ['tree/b/1', 'tree/B/2', 'tree/a/deep/3', 'tree/leaf', 'tree/gone/1'])
        await store.create(name, bytes('x'))
      await store.remove('tree/gone/1')
      assert.deepEqual(await store.folders('tree/'), ['B', 'a', 'b'])
      assert.deepEqual(await store.folders('tree/a/'), ['deep'])
      assert.deepEqual(await store.folders('tree/none/'), [])
      assert.ok((await store.folders('')).includes('tree'))
      assert.ok(!(await store.folders('')).includes('leaf'))
    })

    it('removes an object, after which the name is free again', async () => {
      await store.create('gone/deep/a', bytes('first'))
      await store.remove('gone/deep/a')
      await store.remove('gone/deep/a')
      assert.equal(await store.read('gone/deep/a'), undefined)
      assert.deepEqual(await listed('gone/'), [])
      assert.equal(await store.create('gone/deep/a', bytes('second')), 'created')
      assert.equal(text(await store.read('gone/deep/a')), 'second')
    })

    it('takes an object from a file and writes one to a file', async () => {
      const [source, target] = [join(local, 'source'), join(local, 'target')]
      const large = Buffer.alloc(3 * 1024 * 1024 + 17, 'windrow')
      await writeFile(source, large)
      await writeFile(target, 'something that is replaced')
      assert.equal(await store.createFromFile('file/a', source), 'created')
      assert.equal(await store.createFromFile('file/a', source), 'exists')
      assert.equal(await store.readToFile('file/a', target), true)
      assert.ok(large.equals(await readFile(target)))
      assert.equal(await store.readToFile('file/none', join(local, 'none')), false)
      assert.deepEqual((await readdir(local)).sort(), ['source', 'target'])
    })

    it('says which local file is at fault, and creates nothing', async () => {
      const missing = store.createFromFile('file/missing', join(local, 'no such file'))
      await assert.rejects(missing, (error) => isWindrowError(error, 'FILE_UNREADABLE'))
      assert.equal(await store.read('file/missing'), undefined)
    })

    it('refuses names that are no names, in every method', async () => {
      const refused = (promise: Promise<unknown>, name: string) =>
        assert.rejects(promise, (error) => isWindrowError(error, 'STORE_NAME_INVALID'), `name ${JSON.stringify(name)}`)
      const invalid = [
        '',
        '/',
        '/etc/passwd',
        '..',
        '../a',
        'a/../b',
        'a//b',
        'a/',
        './a',
        'a/.tmp-1',
        'a\\b',
        'a\0b',
        'a\nb',
      ]
      for (const name of [...invalid, 'windrow-store.json', 'x'.repeat(300), `${'x/'.repeat(600)}x`]) {
        await refused(store.create(name, bytes('x')), name)
        await refused(store.createFromFile(name, join(local, 'source')), name)
        await refused(store.read(name), name)
        await refused(store.readToFile(name, join(local, 'target')), name)
        await refused(store.remove(name), name)
      }
      for (const prefix of ['/', '../', 'a/../', 'a//', '/etc', '..']) {
        await refused(listed(prefix), prefix)
        await refused(store.folders(prefix.endsWith('/') ? prefix : `${prefix}/`), prefix)
      }
      await refused(store.folders('no-slash-at-the-end'), 'no-slash-at-the-end')
    })

    it('passes the probe, which leaves nothing behind', async () => {
      await probeStore(store, systemRandomness)
      assert.deepEqual(await listed('probes/'), [])
    })
  })
}
