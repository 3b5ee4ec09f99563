import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readActions } from '@windrow/common/accounting/actions.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import {
  fate,
  makeGeneration,
  resultBytes,
  type SweepInStore,
  sweepInStore,
} from '../../../test/fixtures/sweep-in-store.ts'
import { windrow } from '../fixtures/windrow.ts'

const actor = { who: 'test', host: 'test', now: 0, reason: 'test' }

/** The sweep with everything committed, one of it in its second epoch, and a second, complete generation. */
async function completeSweep(): Promise<SweepInStore> {
  const sweep = await sweepInStore()
  const { store, submitted, folder } = sweep
  const commit = async (key: string, epoch: number) =>
    await store.create(names.result('small', key, epoch), await resultBytes(submitted.plan, key))
  for (const key of [fate.dead, fate.quarantined, 'farm0_s0']) {
    await recordReopening(store, { sweep: 'small', key, epoch: 0 }, actor)
    await commit(key, 1)
  }
  await commit(fate.retrying, 0)
  const { complete, merged } = await makeGeneration(store, submitted, join(folder, 'complete.h5'))
  assert.deepEqual([complete, merged], [true, 8])
  return sweep
}

async function listed(store: Store): Promise<string[]> {
  const found: string[] = []
  for await (const { name } of store.list(names.sweep('small'))) found.push(name.slice(names.sweep('small').length))
  return found.sort()
}

const objectsOf = (removed: { what: string; objects: number }[]) =>
  Object.fromEntries(removed.map(({ what, objects }) => [what, objects]))

test('prune says with --dry-run what would go, and removes nothing', async () => {
  const { folder, store } = await completeSweep()
  const before = await listed(store)
  const { status, stdout } = await windrow(['prune', 'small', '--dry-run'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /generation 2, 8 of 8 merged, is verified/)
  assert.match(stdout, /attempt records +6 /)
  assert.match(stdout, /Nothing was removed \(--dry-run\): 8 of \d+ objects/)
  assert.deepEqual(await listed(store), before)
})

test('prune removes what the verified file makes superfluous, counts it, records it, and leaves a sweep that verifies', async () => {
  const { folder, store } = await completeSweep()
  const { status, stdout, stderr } = await windrow(['prune', 'small', '--json', '--reason', 'quota'], folder)
  assert.equal(status, 0, stderr)
  const { removed, generation } = JSON.parse(stdout)
  const expected = { 'attempt logs': 0, 'attempt records': 6, 'results of closed epochs': 1 }
  const merges = { 'files of superseded generations': 1, 'audits of superseded generations': 0 }
  assert.deepEqual(objectsOf(removed), { ...expected, ...merges, 'leftovers of stopped uploads': 0 })
  const left = await listed(store)
  assert.equal(left.filter((name) => name.startsWith('attempts/')).length, 0)
  assert.equal(left.filter((name) => name.endsWith('layouts.h5')).length, 1)
  for (const kept of ['manifest.0.json', 'quarantine/', 'dead/', 'reopened/', 'generations/000001.json']) {
    assert.ok(
      left.some((name) => name.startsWith(kept)),
      kept,
    )
  }
  assert.equal(left.filter((name) => name.endsWith('certificate.json')).length, 2)
  const { actions } = await readActions(store, 'small')
  const { action, by, reason, generation: verified, removed: recorded } = actions.at(-1)!
  assert.deepEqual([action, reason, verified, objectsOf(recorded!)], ['prune', 'quota', generation, objectsOf(removed)])
  assert.match(by, /@/)

  const download = await windrow(['download', 'small', '-o', 'home.h5'], folder)
  assert.equal(download.status, 0, download.stderr)
  assert.equal((await windrow(['verify', 'home.h5', '--store'], folder)).status, 0, 'every commit is still there')
  const gone = await windrow(['download', 'small', '--generation', '1', '-o', 'first.h5'], folder)
  assert.equal(gone.status, 1)
  assert.match(gone.stderr, /no longer holds .*generation 1\n.*\n {2}next: Take a later generation/)
  const again = await windrow(['prune', 'small', '--json'], folder)
  assert.equal(
    JSON.parse(again.stdout).removed.reduce((sum: number, { objects }: { objects: number }) => sum + objects, 0),
    0,
  )
  assert.equal((await readActions(store, 'small')).actions.length, actions.length, 'nothing to record')
})

test('prune removes nothing when the file does not verify, or when there is no complete one', async () => {
  const { folder, store } = await completeSweep()
  const before = await listed(store)
  const file = before.filter((name) => name.endsWith('layouts.h5'))
  for (const name of file) {
    const path = join(fileURLToPath(store.url), names.sweep('small'), name)
    const bytes = await readFile(path)
    bytes[Math.floor(bytes.length / 2)]! ^= 0xff
    await writeFile(path, bytes)
  }
  const { status, stderr } = await windrow(['prune', 'small'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /SHA-256 .*\n {2}code: FILE_CORRUPT/)
  assert.deepEqual(await listed(store), before)

  const { folder: other } = await sweepInStore()
  const refused = await windrow(['prune', 'small'], other)
  assert.equal(refused.status, 1)
  assert.match(refused.stderr, /no complete merged file.*\n {2}code: MERGE_NOTHING/)
})

test('delete names what there is, and deletes only when the name is given once more in full', async () => {
  const { folder, store } = await sweepInStore()
  const before = await listed(store)
  for (const args of [[], ['--yes', 'sm'], ['--yes', 'other']]) {
    const { status, stdout, stderr } = await windrow(['delete', 'small', ...args], folder)
    assert.equal(status, 1)
    assert.match(stdout, /small in file:.* holds \d+ objects/)
    assert.match(stdout, /results +5 /)
    assert.match(stderr, /nothing was deleted.*\n.*\n {2}next: .*windrow delete small --yes small/i)
    assert.deepEqual(await listed(store), before)
  }
  const { status, stdout, stderr } = await windrow(['delete', 'sm', '--yes', 'small'], folder)
  assert.equal(status, 0, stderr)
  assert.match(stdout, new RegExp(`small is deleted: ${before.length} objects removed`))
  assert.match(stdout, /No record of it remains, of this deletion neither/)
  assert.equal(existsSync(join(fileURLToPath(store.url), 'sweeps')), false)
  assert.match((await windrow(['list'], folder)).stdout, /No sweep is in/)
})

test('delete does not touch the store while a Redis that is named does not answer', async () => {
  const { folder, store } = await sweepInStore()
  const before = await listed(store)
  const redis = ['--redis', `unix://${folder}/nobody.sock`]
  const { status, stderr } = await windrow(['delete', 'small', '--yes', 'small', ...redis], folder)
  assert.equal(status, 1)
  assert.match(stderr, /code: REDIS_UNAVAILABLE/)
  assert.deepEqual(await listed(store), before)
})
