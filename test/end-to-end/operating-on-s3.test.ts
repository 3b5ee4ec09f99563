import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { sha256Of } from '@windrow/common/commits/read-commit.ts'
import { smallBench } from '../fixtures/end-to-end.ts'
import { s3SkipReason, startTestS3 } from '../fixtures/s3.ts'
import { smallAxes } from '../fixtures/small-sweep.ts'

const skip = s3SkipReason()
const s3 = skip ? undefined : await startTestS3()
Object.assign(process.env, s3?.environment)

const folder = 'operated/sweeps/small/'

const namesInStore = () => s3!.keys(folder)

async function bytesOf(name: string): Promise<Buffer> {
  const { Body } = await s3!.client.send(new GetObjectCommand({ Bucket: s3!.bucket, Key: folder + name }))
  return Buffer.from(await Body!.transformToByteArray())
}

const put = (name: string, Body: Buffer) =>
  s3!.client.send(new PutObjectCommand({ Bucket: s3!.bucket, Key: folder + name, Body }))

const recordOf = async (name: string) => JSON.parse((await bytesOf(name)).toString())

describe('a sweep on S3', { skip, timeout: 180_000 }, () => {
  it('is submitted, run with faults, looked into, rerun, pruned after it verifies, brought home, and deleted', async () => {
    const bench = await smallBench({ farm1_s0: 'empty', farm1_s1: 'crash' }, { axes: smallAxes('0..1') })
    const operate = (...args: string[]) => bench.command([...args, '--store', s3!.url('operated')])
    const submitted = await operate('submit', join(bench.folder, 'sweep.yaml'), '--optimizers', bench.optimizer.file)
    assert.match(submitted.stdout, /small: new sweep; 4 configurations/)
    const run = await operate('resume', 'small')
    assert.equal(run.status, 2, run.stderr)
    assert.match(run.stdout, /NOT complete: 2 of 4 merged, 1 quarantined, 1 dead/)

    const refused = await operate('quarantine', 'small', '-o', 'refused', '--json')
    const { outputs } = JSON.parse(refused.stdout)
    assert.deepEqual(
      outputs.map((output: Record<string, unknown>) => [output.key, output.reason, output.bytes]),
      [1, 2].map(() => ['farm1_s0', 'empty', 0]),
    )
    for (const { epoch, attempt } of outputs) {
      const stem = join(bench.folder, 'refused', `farm1_s0.${epoch}-${attempt}`)
      assert.equal(readFileSync(`${stem}.h5`).length, 0)
      assert.equal(JSON.parse(readFileSync(`${stem}.json`, 'utf8')).sha256, sha256Of(new Uint8Array()))
    }

    bench.optimizer.behave({})
    const rerun = await operate('rerun', 'small')
    assert.equal(rerun.status, 0, rerun.stderr)
    const before = await namesInStore()
    const { files, complete } = await recordOf('generations/000002.json')
    assert.equal(complete, true)

    const dry = await operate('prune', 'small', '--dry-run')
    assert.match(dry.stdout, /generation 2, 4 of 4 merged, is verified/)
    assert.match(dry.stdout, /Nothing was removed \(--dry-run\)/)
    assert.deepEqual(await namesInStore(), before)

    const newest: string = files.layouts.name.slice('sweeps/small/'.length)
    const whole = await bytesOf(newest)
    await put(newest, Buffer.concat([whole.subarray(0, -1), Buffer.from([whole.at(-1)! ^ 1])]))
    const damaged = await operate('prune', 'small')
    assert.match(damaged.stderr, /code: FILE_CORRUPT/)
    assert.deepEqual(await namesInStore(), before, 'nothing goes before the file verifies')
    await put(newest, whole)

    const pruned = await operate('prune', 'small', '--json', '--reason', 'quota')
    assert.equal(pruned.status, 0, pruned.stderr)
    const left = await namesInStore()
    const gone = before.filter((name) => !left.includes(name))
    assert.ok(gone.length > 8)
    for (const name of gone) assert.match(name, /^(attempts\/.*|merges\/.*\/(layouts\.h5|audit-.*\.jsonl))$/)
    const kept = before.filter((name) =>
      /^(manifest|results|dead|reopened|quarantine|generations)|certificate/.test(name),
    )
    assert.ok(kept.length > 12)
    assert.deepEqual(
      kept.filter((name) => !left.includes(name)),
      [],
    )
    assert.deepEqual(
      left.filter((name) => name.endsWith('layouts.h5')),
      [newest],
    )
    const { action, by, reason, generation } = await recordOf(left.findLast((name) => name.startsWith('actions/'))!)
    assert.deepEqual([action, reason, generation, by.includes('@')], ['prune', 'quota', 2, true])

    const downloaded = await operate('download', 'small', '-o', 'home.h5')
    assert.equal(downloaded.status, 0, downloaded.stderr)
    assert.equal(sha256Of(readFileSync(join(bench.folder, 'home.h5'))), files.layouts.sha256)
    const verified = await bench.command(['verify', 'home.h5', '--store', s3!.url('operated')])
    assert.equal(verified.status, 0, verified.stdout)

    const deleted = await operate('delete', 'small', '--yes', 'small')
    assert.equal(deleted.status, 0, deleted.stderr)
    assert.deepEqual(await namesInStore(), [])
    assert.equal(existsSync(join(bench.folder, '.windrow/store')), false, 'nothing was kept beside it')
  })
})
