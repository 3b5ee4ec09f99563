import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { names } from '@windrow/common/store/names.ts'
import { fate, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { windrow } from '../fixtures/windrow.ts'

test('rerun --from reads what missing --csv wrote, records it and says how to go on', async () => {
  const { folder, store } = await sweepInStore()
  const { stdout: csv } = await windrow(['missing', 'small', '--csv'], folder)
  await writeFile(join(folder, 'missing.csv'), csv)
  const { status, stdout } = await windrow(['rerun', 'small', '--from', 'missing.csv', '--no-resume'], folder)
  assert.equal(status, 0)
  assert.match(
    stdout,
    /3 of 8 configurations selected\n {2}2 of 3 dead or quarantined: reopened.*\n {2}1 of 3 open already/,
  )
  assert.match(stdout, /windrow resume small/)
  assert.notEqual(await store.read(names.reopening('small', fate.dead, 0)), undefined)
})

test('rerun with nothing dead changes nothing', async () => {
  const { folder } = await sweepInStore()
  const { status, stdout } = await windrow(['rerun', 'small', 'farm_idx=0', '--json'], folder)
  assert.equal(status, 0)
  const { selected, reopened, committed, total } = JSON.parse(stdout)
  assert.deepEqual({ selected, reopened, committed, total }, { selected: 4, reopened: 0, committed: 4, total: 8 })
})

test('force needs a reason', async () => {
  const { folder, store } = await sweepInStore()
  const { status, stderr } = await windrow(['rerun', 'small', 'farm_idx=0', '--force'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /--force .* needs --reason/)
  assert.equal(await store.read(names.reopening('small', 'farm0_s0', 0)), undefined)
})

test('rerun does not touch the store while a Redis that is named does not answer', async () => {
  const { folder, store } = await sweepInStore()
  const { status, stderr } = await windrow(['rerun', 'small', '--redis', `unix://${folder}/nobody.sock`], folder)
  assert.equal(status, 1)
  assert.match(stderr, /code: REDIS_UNAVAILABLE/)
  assert.equal(await store.read(names.reopening('small', fate.dead, 0)), undefined)
})

test('rerun reopens nothing when the merged file could not go where it is to go', async () => {
  const { folder, store } = await sweepInStore()
  await writeFile(join(folder, 'layouts.h5'), 'of another sweep')
  const { status, stderr } = await windrow(['rerun', 'small'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /code: OUTPUT_PATH_TAKEN/)
  assert.equal(await store.read(names.reopening('small', fate.dead, 0)), undefined)
})

test('rerun in a local folder runs what is dead and open here, and brings the complete file home', async () => {
  const { folder } = await sweepInStore()
  const { status, stdout, stderr } = await windrow(['rerun', 'small', '--json'], folder)
  assert.equal(status, 0, stderr)
  const { fulfilled, generation } = JSON.parse(stdout)
  assert.deepEqual([fulfilled, generation.merged, generation.complete], [true, 8, true])
  assert.match(stderr, /2 of 8 dead or quarantined: reopened/)
  const verified = await windrow(['verify', 'layouts.h5', '--store'], folder)
  assert.equal(verified.status, 0, verified.stdout)
  assert.equal((await windrow(['status', 'small'], folder)).status, 0)
})
