import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { DeleteBucketCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { smallBench } from '../fixtures/end-to-end.ts'
import { runToEnd } from '../fixtures/run-to-end.ts'
import { s3SkipReason, startTestS3 } from '../fixtures/s3.ts'

const makeBucket = fileURLToPath(new URL('../../deploy/make-bucket.ts', import.meta.url))
const skip = s3SkipReason()
const s3 = skip ? undefined : await startTestS3()
// Commands find the key as those of users do.
Object.assign(process.env, s3?.environment)

async function keysUnder(prefix: string): Promise<string[]> {
  const { Contents = [] } = await s3!.client.send(new ListObjectsV2Command({ Bucket: s3!.bucket, Prefix: prefix }))
  return Contents.map(({ Key }) => Key!.slice(prefix.length))
}

describe('a sweep whose store is on S3', { skip, timeout: 180_000 }, () => {
  it('runs to one complete file that verifies against the commits, and resumes as done', async () => {
    const bench = await smallBench()
    const store = s3!.url('sweeps of mine')
    const run = await bench.run(['--store', store])
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stdout, /generation 1, complete: 6 of 6 merged/)
    assert.equal(bench.optimizer.runs().length, 6)
    assert.equal((await keysUnder('sweeps of mine/sweeps/small/results/')).length, 6)
    assert.deepEqual(await keysUnder('sweeps of mine/sweeps/small/generations/'), ['000001.json'])
    assert.deepEqual(await keysUnder('sweeps of mine/probes/'), [])
    assert.equal(existsSync(join(bench.folder, '.windrow/store')), false, 'nothing is kept beside it')

    const verified = await bench.command(['verify', bench.output, '--store', store])
    assert.equal(verified.status, 0, verified.stderr)
    const bytes = readFileSync(bench.output)
    const again = await bench.run(['--store', store])
    assert.equal(again.status, 0, again.stderr)
    assert.equal(bench.optimizer.runs().length, 6, 'nothing ran twice')
    assert.deepEqual(readFileSync(bench.output), bytes)

    const { secretAccessKey } = s3!.credentials
    const logs = ['producer', 'worker', 'merger'].map((name) => join(bench.folder, `.windrow/logs/${name}.log`))
    for (const log of logs) assert.ok(!readFileSync(log, 'utf8').includes(secretAccessKey), log)
  })

  it('does not start when the bucket is missing, and says what to do', async () => {
    const bench = await smallBench()
    const run = await bench.run(['--store', `s3://windrow-no-such-bucket?endpoint=${s3!.endpoint}`])
    assert.equal(run.status, 1)
    assert.match(run.stderr, /knows no bucket windrow-no-such-bucket.*\n.*STORE_UNAVAILABLE\n.*Create the bucket/)
    assert.deepEqual(bench.optimizer.runs(), [])
    const list = await bench.command(['list', '--store', `s3://windrow-no-such-bucket?endpoint=${s3!.endpoint}`])
    assert.match(list.stderr, /Create the bucket/)
  })

  it('has its bucket made by who starts a server of his own, once', async () => {
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
