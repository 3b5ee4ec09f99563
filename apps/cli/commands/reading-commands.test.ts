import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fate, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { windrow } from '../fixtures/windrow.ts'

const { folder, store } = await sweepInStore()

test('list shows every sweep with its counts and denominators', async () => {
  const { status, stdout } = await windrow(['list'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /small +5 of 8 +1 of 8 +1 of 8 +1 of 8 +5 of 8 \(generation 1, partial\)/)
})

test('list finds the store from a folder below, or by name', async () => {
  const elsewhere = await temporaryFolder()
  const { status, stdout } = await windrow(['list', '--json'], elsewhere, { WINDROW_STORE: store.url })
  assert.equal(status, 0)
  assert.equal(JSON.parse(stdout).sweeps[0].counts.committed, 5)
})

test('a damaged sweep does not hide the others', async () => {
  const damaged = await sweepInStore()
  await writeFile(join(damaged.folder, '.windrow/store/sweeps/small/manifest.0.json'), '{}')
  const { status, stdout } = await windrow(['list'], damaged.folder)
  assert.equal(status, 1)
  assert.match(stdout, /small .*cannot be read: .*manifest.0.json/)
})

test('a folder without a store says how to get one', async () => {
  const { status, stdout, stderr } = await windrow(['list'], await temporaryFolder())
  assert.deepEqual([status, stdout], [1, ''])
  assert.match(stderr, /There is no store .*\n {2}code: STORE_UNAVAILABLE\n {2}next: Run `windrow run SPEC`/)
})

test('status takes the beginning of a name, says where it looked and what to do, and ends with 2 when short', async () => {
  const { status, stdout } = await windrow(['status', 'sm'], folder)
  assert.equal(status, 2)
  assert.match(stdout, /^small: 5 of 8 committed \(from the store alone/)
  assert.match(stdout, /cause +ATTEMPT_MEMORY: 1 of 3/)
  assert.match(stdout, /axis +farm_idx=1: 3 of 3 failures/)
  assert.match(stdout, /generation +1, partial: 5 of 8 merged/)
  assert.match(stdout, /next: windrow resume small/)
})

test('status --json is one document, even when Redis does not answer', async () => {
  const redis = { WINDROW_REDIS_URL: `unix://${folder}/nobody.sock`, WINDROW_STORE: store.url }
  const { status, stdout } = await windrow(['status', 'small', '--json'], folder, redis)
  const document = JSON.parse(stdout)
  assert.deepEqual([status, document.source, document.counts.committed, document.total], [2, 'store', 5, 8])
  assert.match(document.warnings[0], /nobody.sock.*does not answer/)
})

test('an unknown sweep is a usage error that lists the sweeps', async () => {
  const { status, stderr } = await windrow(['status', 'smell'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /no sweep 'smell'. Did you mean small\?/)
})

test('missing names every configuration that is not committed, with state and cause', async () => {
  const { status, stdout } = await windrow(['missing', 'small'], folder)
  assert.equal(status, 2)
  assert.match(stdout, /^3 of 8 configurations of small are missing:\n/)
  assert.match(stdout, /farm1_s0 +dead +2 +ATTEMPT_MEMORY\nfarm1_s1 +quarantined +2 +OUTPUT_CORRUPT \(truncated\)\n/)
})

test('missing --csv is a table of fields that rerun --from reads', async () => {
  const { stdout } = await windrow(['missing', 'small', 'state=dead,quarantined', '--csv'], folder)
  const [header, ...rows] = stdout.trimEnd().split('\n')
  assert.match(header!, /^key,farm_idx,seed,.*,state,attempts,cause,message$/)
  assert.deepEqual(
    rows.map((row) => row.split(',')[0]),
    [fate.dead, fate.quarantined],
  )
})

test('missing --json has fields, and selects', async () => {
  const { stdout } = await windrow(['missing', 'small', 'error~timeout', '--json'], folder)
  const { missing, of, configurations } = JSON.parse(stdout)
  assert.deepEqual([missing, of], [1, 8])
  const [{ key, state, cause, fields }] = configurations
  assert.deepEqual([key, state, cause, fields.farm_idx], [fate.retrying, 'pending', 'ATTEMPT_TIMEOUT', 1])
})
