import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { DeleteObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { failure } from '../../../test/fixtures/failure.ts'
import { type Fault, startFaultProxy } from '../../../test/fixtures/fault-proxy.ts'
import { s3SkipReason, startTestS3 } from '../../../test/fixtures/s3.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { systemRandomness } from '../time/randomness.ts'
import { probeStore } from './probe-store.ts'
import { openS3Store } from './s3-store.ts'
import type { Store, StoredObject } from './store.ts'

const skip = s3SkipReason()
const s3 = skip ? undefined : await startTestS3()
const proxy = s3 && (await startFaultProxy(s3.endpoint))
const bytes = Buffer.from('a result, as far as the store is concerned')
const impatient = { patienceMs: 0 }

async function list(store: Store): Promise<StoredObject[]> {
  const found: StoredObject[] = []
  for await (const object of store.list('')) found.push(object)
  return found
}

/** A store that is reached through the proxy, which passes everything on until a test says otherwise. */
async function behindProxy(prefix: string, settings = {}): Promise<Store> {
  proxy!.faults(() => undefined)
  return await openS3Store(s3!.url(prefix, proxy!.endpoint), { credentials: s3!.credentials, ...settings })
}

/** Does this to the first requests of a method, and nothing to those that follow. */
function firstOnes(method: string, faults: readonly Fault[]): void {
  const left = [...faults]
  proxy!.faults((request) => (request.method === method ? left.shift() : undefined))
}

describe('probing a store on S3', { skip }, () => {
  it('stops at a server that ignores If-None-Match', async () => {
    const store = await behindProxy('unsafe')
    // To overwrite is to remove what was there: the server behind then accepts what it would have refused.
    proxy!.faults(async ({ method, path, headers }) => {
      if (method !== 'PUT' || headers['if-none-match'] !== '*') return
      const [, Bucket, ...key] = decodeURIComponent(path.replace(/\?.*/, '')).split('/')
      await s3!.client.send(new DeleteObjectCommand({ Bucket, Key: key.join('/') }))
    })
    await failure(probeStore(store, systemRandomness), 'STORE_UNSAFE')
  })

  it('stops at a server that does not know If-None-Match', async () => {
    const store = await behindProxy('unknowing')
    firstOnes('PUT', [{ kind: 'answer', status: 501, code: 'NotImplemented' }])
    await failure(probeStore(store, systemRandomness), 'STORE_UNSAFE')
  })
})

describe('creating on S3 in spite of', { skip }, () => {
  /** What a `create` is told, how often it was asked for, and whether the bytes are there whole. */
  async function createdThrough(faults: readonly Fault[], settings = {}) {
    const store = await behindProxy('spite', settings)
    const name = systemRandomness.id()
    const before = proxy!.requests.length
    firstOnes('PUT', faults)
    const answer = await store.create(name, bytes)
    const puts = proxy!.requests.slice(before).filter(({ method }) => method === 'PUT').length
    const isWhole = bytes.equals((await store.read(name)) ?? Buffer.alloc(0))
    return { answer, puts, isWhole }
  }

  it('a server that answers 500 and 503 for a while', async () => {
    const [internal, slow] = [500, 503].map((status) => ({ kind: 'answer' as const, status, code: 'SlowDown' }))
    const outcome = await createdThrough([internal!, slow!, internal!, slow!])
    assert.deepEqual(outcome, { answer: 'created', puts: 5, isWhole: true })
  })

  it('a conflict with another creator', async () => {
    const outcome = await createdThrough([{ kind: 'answer', status: 409, code: 'ConditionalRequestConflict' }])
    assert.deepEqual(outcome, { answer: 'created', puts: 2, isWhole: true })
  })

  it('a connection that is cut in the middle of the bytes', async () => {
    assert.deepEqual(await createdThrough([{ kind: 'cut' }]), { answer: 'created', puts: 2, isWhole: true })
  })

  it('bytes that are damaged on their way, which the server refuses', async () => {
    assert.deepEqual(await createdThrough([{ kind: 'damage-request' }]), { answer: 'created', puts: 2, isWhole: true })
  })

  it('answers that are lost after the bytes were stored: the name is its own', async () => {
    const timeOut = { kind: 'do-and-answer' as const, status: 504, code: 'GatewayTimeout' }
    for (const fault of [timeOut, { kind: 'do-and-cut' as const }, { kind: 'do-and-say-nothing' as const }]) {
      const outcome = await createdThrough([fault], { silenceMs: 400 })
      assert.deepEqual(outcome, { answer: 'created', puts: 2, isWhole: true }, fault.kind)
    }
  })

  it('the same, but for the name of somebody else, though he stored the very same bytes', async () => {
    const store = await behindProxy('others')
    const other = await openS3Store(s3!.url('others'), { credentials: s3!.credentials })
    proxy!.faults(async ({ method }) => {
      if (method !== 'PUT') return undefined
      proxy!.faults(() => undefined)
      await other.create('a', bytes)
      return { kind: 'answer', status: 504, code: 'GatewayTimeout' }
    })
    assert.equal(await store.create('a', bytes), 'exists')
  })
})

describe('a request that creates on S3', { skip }, () => {
  it('names its digest and its condition, and checksums of the SDK only when they are wished for', async () => {
    const settings = { credentials: s3!.credentials }
    proxy!.faults(() => undefined)
    for (const [mode, wished] of [
      ['when-required', false],
      ['when-supported', true],
    ] as const) {
      const store = await openS3Store(`${s3!.url(mode, proxy!.endpoint)}&checksums=${mode}`, settings)
      assert.equal(await store.create('a', bytes), 'created')
      const { headers } = proxy!.requests.at(-1)!
      assert.equal(headers['content-md5'], createHash('md5').update(bytes).digest('base64'))
      assert.equal(headers['if-none-match'], '*')
      assert.equal(headers['content-length'], String(bytes.length))
      assert.equal(headers['x-amz-checksum-crc32'] !== undefined, wished, mode)
      assert.ok(bytes.equals((await store.read('a'))!))
    }
  })
})

describe('a store on S3 that stays away', { skip }, () => {
  const everyCall = (store: Store, folder: string) => [
    () => store.create('b', bytes),
    () => store.createFromFile('c', join(folder, 'source')),
    () => store.read('a'),
    () => store.readToFile('a', join(folder, 'target')),
    () => list(store),
    () => store.folders(''),
    () => store.remove('a'),
  ]

  it('is unavailable in every call, and creates nothing', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'source'), bytes)
    const store = await behindProxy('away', impatient)
    await store.create('a', bytes)
    proxy!.faults(() => ({ kind: 'answer', status: 503, code: 'ServiceUnavailable' }))
    for (const call of everyCall(store, folder)) await failure(call(), 'STORE_UNAVAILABLE')
    proxy!.faults(() => undefined)
    assert.deepEqual(await list(store), [{ name: 'a', size: bytes.length }])
  })

  it('is not taken for one in which an object is missing', async () => {
    const store = await behindProxy('proxy without a server', impatient)
    proxy!.faults(() => ({ kind: 'answer', status: 404, code: 'NoRoute' }))
    await failure(store.read('a'), 'STORE_UNAVAILABLE')
    proxy!.faults(() => ({ kind: 'answer', status: 404, code: 'NoSuchBucket' }))
    await failure(store.read('a'), 'STORE_UNAVAILABLE')
  })

  it('says what its server refuses: writing, a full disk, a key that is no longer good', async () => {
    const store = await behindProxy('refusing')
    const answers: [number, string, ErrorCode][] = [
      [403, 'AccessDenied', 'STORE_READ_ONLY'],
      [403, 'QuotaExceeded', 'STORE_FULL'],
      [507, 'InsufficientStorage', 'STORE_FULL'],
      [403, 'InvalidAccessKeyId', 'STORE_REFUSED'],
    ]
    for (const [status, code, expected] of answers) {
      firstOnes('PUT', [{ kind: 'answer', status, code }])
      await failure(store.create('a', bytes), expected)
    }
  })
})

describe('reading from S3', { skip }, () => {
  it('reads again what arrives damaged or in part', async () => {
    const folder = await temporaryFolder()
    const store = await behindProxy('damaged')
    await store.create('a', bytes)
    for (const kind of ['damage-answer', 'cut-answer'] as const) {
      firstOnes('GET', [{ kind }])
      assert.ok(bytes.equals((await store.read('a'))!), kind)
      firstOnes('GET', [{ kind }])
      assert.equal(await store.readToFile('a', join(folder, 'target')), true, kind)
    }
  })

  it('hands over what is damaged in the store itself, for its reader to judge', async () => {
    const store = await behindProxy('rotten')
    await store.create('a', bytes)
    const damaged = { Bucket: s3!.bucket, Key: 'rotten/a', Metadata: { 'windrow-md5': '0'.repeat(32) } }
    await s3!.client.send(new PutObjectCommand({ ...damaged, Body: 'rotten' }))
    assert.equal(Buffer.from((await store.read('a'))!).toString(), 'rotten')
  })

  it('reads what other programs put or copied there', async () => {
    const store = await behindProxy('foreign')
    await s3!.client.send(new PutObjectCommand({ Bucket: s3!.bucket, Key: 'foreign/a', Body: bytes }))
    await s3!.client.send(new PutObjectCommand({ Bucket: s3!.bucket, Key: 'foreign/folder/', ContentLength: 0 }))
    assert.ok(bytes.equals((await store.read('a'))!))
    assert.deepEqual(await list(store), [{ name: 'a', size: bytes.length }])
  })
})

describe('large things on S3', { skip }, () => {
  it('lists more than a page holds', async () => {
    const store = await openS3Store(s3!.url('pages'), { credentials: s3!.credentials, namesPerPage: 2 })
    const names = ['n/0', 'n/1', 'n/2', 'n/3', 'o/4', 'p/5', 'q']
    for (const name of names) await store.create(name, bytes)
    const found = await list(store)
    assert.deepEqual(
      found.map(({ name }) => name),
      names,
    )
    assert.deepEqual(await store.folders(''), ['n', 'o', 'p'])
  })

  it('sends a file again from its beginning when it arrived in part, damaged, or without an answer', async () => {
    const folder = await temporaryFolder()
    const large = Buffer.alloc(9 * 1024 * 1024 + 1, 'windrow')
    await writeFile(join(folder, 'large'), large)
    const store = await behindProxy('large')
    firstOnes('PUT', [{ kind: 'cut' }, { kind: 'damage-request' }, { kind: 'do-and-cut' }])
    assert.equal(await store.createFromFile('a', join(folder, 'large')), 'created')
    assert.ok(large.equals((await store.read('a'))!))
  })

  it('says that the file is at fault when it changes while it is sent, and creates nothing', async () => {
    const path = join(await temporaryFolder(), 'shrinking')
    await writeFile(path, '')
    await truncate(path, 64 * 1024 * 1024)
    const store = await behindProxy('shrinking')
    proxy!.faults(async ({ method }) => {
      if (method === 'PUT') await truncate(path, 0)
      return undefined
    })
    const error = await failure(store.createFromFile('a', path), 'FILE_UNREADABLE')
    assert.match(error.message, /became shorter/)
    assert.deepEqual(await list(store), [])
  })

  it('refuses a file larger than one request stores, before reading it', async () => {
    const path = join(await temporaryFolder(), 'huge')
    await writeFile(path, '')
    await truncate(path, 5 * 1024 ** 3 + 1)
    const store = await behindProxy('huge')
    const error = await failure(store.createFromFile('a', path), 'STORE_OBJECT_TOO_LARGE')
    assert.match(error.message, /5 GiB/)
  })
})
