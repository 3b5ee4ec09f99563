import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { storeContract } from '../../../test/contracts/store.contract.ts'
import { failure } from '../../../test/fixtures/failure.ts'
import { startFaultProxy } from '../../../test/fixtures/fault-proxy.ts'
import { s3SkipReason, startTestS3 } from '../../../test/fixtures/s3.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { openStore } from './open-store.ts'
import { openS3Store } from './s3-store.ts'

const skip = s3SkipReason()
const s3 = skip ? undefined : await startTestS3()
const bytes = Buffer.from('a result, as far as the store is concerned')
const impatient = { patienceMs: 0 }

if (s3) {
  storeContract('s3', async () => ({
    store: await openS3Store(s3.url('contract/a store'), { credentials: s3.credentials }),
    close: async () => {},
  }))
} else it('store contract: s3', { skip })

describe('opening a store on S3', { skip }, () => {
  it('says that no server answers at a wrong endpoint', async () => {
    const refused = s3!.url('p', 'http://127.0.0.1:1')
    const error = await failure(
      openS3Store(refused, { credentials: s3!.credentials, ...impatient }),
      'STORE_UNAVAILABLE',
    )
    assert.match(error.message, /no server answers at its endpoint/)
    const unknown = s3!.url('p', 'http://no-such-host.invalid')
    const other = await failure(
      openS3Store(unknown, { credentials: s3!.credentials, ...impatient }),
      'STORE_UNAVAILABLE',
    )
    assert.match(other.message, /host of its endpoint/)
  })

  it('says so when something else than S3 answers', async () => {
    const proxy = await startFaultProxy(s3!.endpoint)
    const page = async () => {
      const settings = { credentials: s3!.credentials, ...impatient }
      return await failure(openS3Store(s3!.url('p', proxy.endpoint), settings), 'STORE_UNAVAILABLE')
    }
    proxy.faults(() => ({ kind: 'answer', status: 200, code: 'Welcome' }))
    await page()
    proxy.faults(() => ({ kind: 'answer', status: 404, code: 'NotHere' }))
    await page()
  })

  it('says which of access key and secret is wrong', async () => {
    const { accessKeyId } = s3!.credentials
    const wrongSecret = { credentials: { accessKeyId, secretAccessKey: 'sesame' } }
    const secret = await failure(openS3Store(s3!.url('p'), wrongSecret), 'STORE_REFUSED')
    assert.match(secret.next, /AWS_SECRET_ACCESS_KEY/)
    const wrongKey = { credentials: { accessKeyId: 'NOBODY', secretAccessKey: 'sesame' } }
    const key = await failure(openS3Store(s3!.url('p'), wrongKey), 'STORE_REFUSED')
    assert.match(key.next, /AWS_ACCESS_KEY_ID/)
    for (const { message } of [secret, key]) assert.ok(!message.includes('sesame'))
  })

  it('says that there is no key where there is none', async () => {
    const before = process.env
    process.env = { HOME: await temporaryFolder(), AWS_EC2_METADATA_DISABLED: 'true' }
    try {
      const error = await failure(openStore(s3!.url('p')), 'STORE_REFUSED')
      assert.match(error.message, /There is no key/)
    } finally {
      process.env = before
    }
  })

  it('says that the bucket is missing, and makes none', async () => {
    const url = `s3://windrow-no-such-bucket/p?endpoint=${s3!.endpoint}`
    const settings = { credentials: s3!.credentials }
    const error = await failure(openS3Store(url, settings), 'STORE_UNAVAILABLE')
    assert.match(error.message, /knows no bucket windrow-no-such-bucket/)
    assert.match(error.next, /Create the bucket/)
    await failure(openS3Store(url, settings), 'STORE_UNAVAILABLE')
  })

  it('names the clock when it is 20 minutes off, and bears 5', async () => {
    const minutes = (count: number) => ({ credentials: s3!.credentials, clockOffsetMs: count * 60_000 })
    for (const off of [20, -20]) {
      const error = await failure(openS3Store(s3!.url('p'), minutes(off)), 'STORE_REFUSED')
      assert.match(error.message, /clock of this machine/)
      assert.match(error.next, /Set the clock/)
    }
    await openS3Store(s3!.url('p'), minutes(5))
  })

  it('takes credentials from the environment, and everything else from the address', async () => {
    const before = process.env
    process.env = { ...s3!.environment, HOME: await temporaryFolder() }
    try {
      const store = await openStore(s3!.url('from environment'))
      assert.equal(await store.create('a', bytes), 'created')
      assert.equal(store.url, s3!.url('from%20environment'))
    } finally {
      process.env = before
    }
  })
})
