import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DeleteBucketCommand } from '@aws-sdk/client-s3'
import { smallBench } from '../fixtures/end-to-end.ts'
import { runToEnd } from '../fixtures/run-to-end.ts'
import { s3SkipReason, startTestS3 } from '../fixtures/s3.ts'

const makeBucket = fileURLToPath(new URL('../../deploy/make-bucket.ts', import.meta.url))
const skip = s3SkipReason()
const s3 = skip ? undefined : await startTestS3()
// Commands find the key as those of users do.
Object.assign(process.env, s3?.environment)

describe('the bucket of a sweep on S3', { skip, timeout: 180_000 }, () => {
  it('that is missing ends a run before it starts, which says what to do', async () => {
    const bench = await smallBench()
    const run = await bench.run(['--store', `s3://windrow-no-such-bucket?endpoint=${s3!.endpoint}`])
    assert.equal(run.status, 1)
    assert.match(run.stderr, /knows no bucket windrow-no-such-bucket.*\n.*STORE_UNAVAILABLE\n.*Create the bucket/)
    assert.deepEqual(bench.optimizer.runs(), [])
    const list = await bench.command(['list', '--store', `s3://windrow-no-such-bucket?endpoint=${s3!.endpoint}`])
    assert.match(list.stderr, /Create the bucket/)
  })

  it('is made by who starts a server of his own, once', async () => {
    const bucket = `${s3!.bucket}-made`
    const store = `s3://${bucket}?endpoint=${s3!.endpoint}`
    const make = (environment: NodeJS.ProcessEnv = {}) =>
      runToEnd(process.execPath, [makeBucket], {
        environment: { ...process.env, WINDROW_STORE: store, ...environment },
      })
    const made = await make()
    assert.deepEqual([made.status, made.stdout], [0, `Made the bucket ${bucket}.\n`], made.stderr)
    assert.equal((await make()).status, 0, 'it is there, and is used as it is')
    const refused = await make({ AWS_SECRET_ACCESS_KEY: 'wrong' })
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /\(STORE_REFUSED\) Check AWS_SECRET_ACCESS_KEY/)
    await s3!.client.send(new DeleteBucketCommand({ Bucket: bucket }))
  })
})
