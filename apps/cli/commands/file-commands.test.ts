import assert from 'node:assert/strict'
import { copyFile, readFile, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { names } from '@windrow/common/store/names.ts'
import { resultBytes, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { windrow } from '../fixtures/windrow.ts'

const { folder, store, submitted, specificationPath, mergedPath } = await sweepInStore()
const inFolder = (name: string) => join(folder, name)
await writeFile(inFolder('good.h5'), await resultBytes(submitted.plan, 'farm0_s0'))
await copyFile(inFolder('good.h5'), inFolder('short.h5'))
await truncate(inFolder('short.h5'), 700)

test('check says what is sound, and what it could not check without a specification', async () => {
  const { status, stdout } = await windrow(['check', 'good.h5', 'layouts.h5'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /sound .*good.h5: result file of farm0_s0\n {2}not checked: .*--spec/)
  assert.match(stdout, /sound .*layouts.h5: merged file\n {2}5 of 5 merged configurations verified/)
  assert.match(stdout, /2 of 2 files are sound/)
})

test('check --spec holds a result against the configuration of its key', async () => {
  const { status, stdout } = await windrow(['check', 'good.h5', '--spec', specificationPath, '--json'], folder)
  assert.equal(status, 0)
  assert.deepEqual(JSON.parse(stdout).checks[0].notChecked, [])
  const other = await readFile(specificationPath, 'utf8')
  await writeFile(inFolder('other.yaml'), other.replace('"n_turbines": 6', '"n_turbines": 7'))
  const refused = await windrow(['check', 'good.h5', '--spec', 'other.yaml'], folder)
  assert.equal(refused.status, 3)
  assert.match(refused.stdout, /CORRUPT .*good.h5: result file of farm0_s0: wrong-configuration/)
})

test('check ends with 3 when any file is corrupt, and still looks at the others', async () => {
  const { status, stdout } = await windrow(['check', 'nobody.h5', 'short.h5', 'good.h5'], folder)
  assert.equal(status, 3)
  assert.match(stdout, /unreadable .*nobody.h5/)
  assert.match(stdout, /CORRUPT .*short.h5: .*truncated/)
  assert.match(stdout, /1 of 3 files are sound/)
})

test('check of a file that is not there is no finding', async () => {
  assert.equal((await windrow(['check', 'nobody.h5'], folder)).status, 1)
})

test('verify holds a merged file against its certificate, and with --store against the commits', async () => {
  const { status, stdout } = await windrow(['verify', 'layouts.h5', '--store'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /5 of 5 merged configurations verified; 5 of 8 expected are merged/)
  assert.match(stdout, /not complete: 1 quarantined, 1 dead, 1 missing of 8 expected/)
  assert.match(stdout, /5 of 5 agree with the commits .*that of generation 1/)
})

test('verify fails on a byte changed in the data', async () => {
  const bytes = await readFile(mergedPath)
  const commit = await store.read(names.result('small', 'farm0_s0', 0))
  assert.ok(commit)
  bytes[Math.floor(bytes.length / 2)]! ^= 0xff
  await writeFile(inFolder('changed.h5'), bytes)
  const { status, stdout } = await windrow(['verify', 'changed.h5', '--json'], folder)
  assert.equal(status, 3)
  assert.equal(JSON.parse(stdout).ok, false)
})

test('verify --store fails where a commit is gone or holds something else', async () => {
  const other = await sweepInStore()
  await other.store.remove(names.result('small', 'farm0_s1', 0))
  await other.store.remove(names.result('small', 'farm0_s2', 0))
  await other.store.create(names.result('small', 'farm0_s2', 0), new Uint8Array(1000))
  const { status, stdout } = await windrow(['verify', 'layouts.h5', '--store', other.store.url], folder)
  assert.equal(status, 3)
  assert.match(stdout, /3 of 5 agree/)
  assert.match(stdout, /farm0_s1: absent in the store/)
  assert.match(stdout, /farm0_s2: damaged in the store/)
})

test('optimize runs one configuration of a specification, and its result passes check', async () => {
  const { status, stdout } = await windrow(['optimize', 'sweep.yaml', 'farm1_s0', '-o', 'one.h5', '--json'], folder)
  assert.equal(status, 0)
  const { aepGWh, nTurbines, infeasibilities, layout } = JSON.parse(stdout)
  assert.ok(aepGWh > 0)
  assert.deepEqual([nTurbines, infeasibilities, layout.xM.length], [6, [], 6])
  assert.equal((await windrow(['check', 'one.h5', '--spec', 'sweep.yaml'], folder)).status, 0)
})

test('optimize repeats a commit of the store to the bit', async () => {
  const { status } = await windrow(['optimize', 'small', 'farm0_s2', '-o', 'again.h5'], folder)
  assert.equal(status, 0)
  const commit = await store.read(names.result('small', 'farm0_s2', 0))
  assert.ok(Buffer.from(commit!).equals(await readFile(inFolder('again.h5'))))
})

test('optimize never writes over a file', async () => {
  const before = await readFile(inFolder('good.h5'))
  const { status, stderr } = await windrow(['optimize', 'small', 'farm0_s2', '-o', 'good.h5'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /code: OUTPUT_PATH_TAKEN/)
  assert.ok(before.equals(await readFile(inFolder('good.h5'))))
})

test('optimize names the nearest key', async () => {
  const { status, stderr } = await windrow(['optimize', 'small', 'farm0_s22'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /Did you mean farm0_s2\?/)
})
