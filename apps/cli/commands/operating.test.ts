import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { readActions } from '@windrow/common/accounting/actions.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { sha256Of } from '@windrow/common/commits/read-commit.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { smallSpecification, writeSpecification } from '../../../test/fixtures/small-sweep.ts'
import { fate, type SweepInStore, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { windrow } from '../fixtures/windrow.ts'

async function stateOf({ store, submitted: { plan } }: SweepInStore, key: string) {
  return stateOfCell((await readStatesInStore(store, plan)).cells[plan.indexOf(key)!]!)
}

test('pause is on record with who, when and why; status and list show it; pausing again changes nothing', async () => {
  const { folder, store } = await sweepInStore()
  const { status, stdout } = await windrow(['pause', 'small', '--reason', 'maintenance'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /small is paused: nothing new begins.*\nNo services were reached.*\n.*windrow resume small/)
  assert.match(
    (await windrow(['status', 'small'], folder)).stdout,
    /paused by \S+@\S+ since 20\d\d-.* UTC \(maintenance\)/,
  )
  const { paused } = JSON.parse((await windrow(['status', 'small', '--json'], folder)).stdout)
  assert.equal(paused.reason, 'maintenance')
  assert.match((await windrow(['list'], folder)).stdout, /1 of 8, paused/)
  const before = (await readActions(store, 'small')).actions.length
  assert.match((await windrow(['pause', 'small'], folder)).stdout, /already paused by/)
  assert.equal((await readActions(store, 'small')).actions.length, before)
})

test('a pause holds in the store while the Redis that is named does not answer, and that is said', async () => {
  const { folder } = await sweepInStore()
  const { status, stderr } = await windrow(['pause', 'small', '--redis', `unix://${folder}/nobody.sock`], folder)
  assert.equal(status, 0)
  assert.match(stderr, /warning: .*nobody.sock.*does not answer/)
  const resumed = await windrow(['resume', 'small', '--redis', `unix://${folder}/nobody.sock`, '--json'], folder)
  assert.equal(JSON.parse(resumed.stdout).wasPaused.by.includes('@'), true)
  assert.doesNotMatch((await windrow(['status', 'small'], folder)).stdout, /paused/)
})

test('cancel gives up what is open of a selection and leaves the rest alone, counted', async () => {
  const sweep = await sweepInStore()
  const { status, stdout } = await windrow(['cancel', 'small', 'farm_idx=1'], sweep.folder)
  assert.equal(status, 0)
  assert.match(
    stdout,
    /4 of 8 configurations selected\n {2}1 of 4 open: cancelled\n {2}1 of 4 committed.*\n {2}2 of 4 dead/,
  )
  assert.equal(await stateOf(sweep, fate.retrying), 'cancelled')
  assert.equal(await stateOf(sweep, fate.dead), 'dead-failed')
  const { action, by, changed } = (await readActions(sweep.store, 'small')).actions.at(-1)!
  assert.deepEqual([action, by.includes('@'), changed], ['cancel', true, 1])
  const again = await windrow(['cancel', 'small'], sweep.folder)
  assert.match(again.stdout, /0 of 8 open: cancelled\n {2}1 of 8 cancelled already[\s\S]*Nothing was changed/)
})

test('what was cancelled is a shortfall: status and missing name it and end with 2', async () => {
  const { folder } = await sweepInStore()
  await windrow(['cancel', 'small'], folder)
  const status = await windrow(['status', 'small'], folder)
  assert.equal(status.status, 2)
  assert.match(status.stdout, /1 of 8 cancelled/)
  const missing = await windrow(['missing', 'small', 'state=cancelled', '--json'], folder)
  assert.equal(missing.status, 2)
  assert.equal(JSON.parse(missing.stdout).configurations[0].key, fate.retrying)
})

test('rerun leaves the cancelled alone, unless it is asked for their state', async () => {
  const sweep = await sweepInStore()
  await windrow(['cancel', 'small', 'error~timeout'], sweep.folder)
  const plain = await windrow(['rerun', 'small', '--no-resume'], sweep.folder)
  assert.match(plain.stdout, /2 of 8 dead or quarantined: reopened[\s\S]*1 of 8 cancelled or not selected: left alone/)
  assert.equal(await stateOf(sweep, fate.retrying), 'cancelled')
  const asked = await windrow(['rerun', 'small', 'state=cancelled', '--no-resume'], sweep.folder)
  assert.match(asked.stdout, /1 of 1 cancelled: wanted again/)
  assert.equal(await stateOf(sweep, fate.retrying), 'pending')
})

test('quarantine lists the evidence with the line that reproduces it, and copies bytes and evidence out', async () => {
  const { folder, store } = await sweepInStore()
  const { status, stdout } = await windrow(['quarantine', 'small', '-o', 'refused'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /^1 output of small in quarantine:\n/)
  assert.match(stdout, /farm1_s1 +0 +a2 +truncated +node9 +100 B +2026-01-15 12:01 +windrow optimize small farm1_s1/)
  const stem = join(folder, 'refused', 'farm1_s1.0-a2')
  const { sha256 } = JSON.parse(await readFile(`${stem}.json`, 'utf8'))
  assert.equal(sha256Of(await readFile(`${stem}.h5`)), sha256)
  const json = JSON.parse((await windrow(['quarantine', 'small', 'error~truncated', '--json'], folder)).stdout)
  assert.deepEqual([json.quarantined, json.of, json.outputs[0].reason], [1, 1, 'truncated'])
  assert.equal(
    JSON.parse((await windrow(['quarantine', 'small', 'farm_idx=0', '--json'], folder)).stdout).quarantined,
    0,
  )
  await writeFile(`${stem}.h5`, 'my own')
  const refused = await windrow(['quarantine', 'small', '-o', 'refused'], folder)
  assert.match(refused.stderr, /code: OUTPUT_PATH_TAKEN/)
  assert.equal(await readFile(`${stem}.h5`, 'utf8'), 'my own')
  assert.ok(store)
})

test('download brings the file home by its record, partial by name and status, and refuses a file of somebody else', async () => {
  const { folder, mergedPath } = await sweepInStore()
  const { status, stdout, stderr } = await windrow(['download', 'small', '-o', 'home.h5'], folder)
  assert.equal(status, 2, stderr)
  assert.match(stdout, /NOT complete: 5 of 8 merged/)
  assert.deepEqual(await readFile(join(folder, 'home.partial.h5')), await readFile(mergedPath))
  assert.equal(existsSync(join(folder, 'home.h5')), false)
  assert.equal(
    (await windrow(['download', 'small', '-o', 'home.h5', '--json'], folder)).status,
    2,
    'its own file is replaced',
  )
  await writeFile(join(folder, 'thesis.partial.h5'), 'my thesis')
  const foreign = await windrow(['download', 'small', '-o', 'thesis.h5'], folder)
  assert.match(foreign.stderr, /code: OUTPUT_PATH_TAKEN/)
  const unknown = await windrow(['download', 'small', '--generation', '7'], folder)
  assert.match(unknown.stderr, /no generation 7; it has 1 to 1/)
})

test('download of what was selected is complete when it holds the selection', async () => {
  const { folder, specificationPath } = await sweepInStore()
  const submitted = await windrow(['submit', specificationPath, '--only', 'farm_idx=0', '--json'], folder)
  assert.equal(JSON.parse(submitted.stdout).selected, 4)
  const { status, stdout } = await windrow(['download', 'small', '-o', 'farm0.h5'], folder)
  assert.equal(status, 0)
  assert.match(stdout, /4 of 8 configurations were selected/)
  assert.ok(existsSync(join(folder, 'farm0.h5')))
})

test('submit enters a sweep without any services, and says how to run and follow it', async () => {
  const folder = await temporaryFolder()
  const path = writeSpecification(folder, smallSpecification())
  const dry = await windrow(['submit', path, '--dry-run'], folder)
  assert.match(dry.stdout, /6 of 6 configurations would be submitted/)
  assert.equal(existsSync(join(folder, '.windrow')), false)
  const { status, stdout, stderr } = await windrow(['submit', path], folder)
  assert.equal(status, 0, stderr)
  assert.match(
    stdout,
    /small: new sweep; 6 configurations\nNo services were reached.*\n.*windrow resume small\n.*status small --watch/,
  )
  const again = JSON.parse((await windrow(['submit', path, '--json'], folder)).stdout)
  assert.deepEqual([again.outcome, again.total, again.added, again.producers], ['resumed', 6, 0, null])
  const waiting = await windrow(['submit', path, '--wait'], folder)
  assert.match(waiting.stderr, /--wait needs the Redis of the services/)
})

test('of two who submit different specifications under one name at once, one wins and the other is told the difference', async () => {
  const store = pathToFileURL(join(await temporaryFolder(), 'store')).href
  const submitters = await Promise.all(
    [10, 12].map(async (gridSize) => {
      const folder = await temporaryFolder()
      const optimizer = { name: 'smart-start', grid_size: gridSize, random_pct: 30, spacing_diameters: 3 }
      return { folder, gridSize, path: writeSpecification(folder, smallSpecification({ optimizer })) }
    }),
  )
  const ended = await Promise.all(
    submitters.map(async ({ folder, path, gridSize }) => ({
      gridSize,
      ...(await windrow(['submit', path, '--json'], folder, { WINDROW_STORE: store })),
    })),
  )
  const [winner, loser] = ended.toSorted((a, b) => a.status - b.status)
  assert.deepEqual([winner!.status, loser!.status], [0, 1], winner!.stderr)
  assert.match(loser!.stderr, /code: SPEC_CHANGED/)
  assert.match(loser!.stderr, new RegExp(`optimizer.grid_size.*${winner!.gridSize}.*${loser!.gridSize}`, 's'))
  const { stdout } = await windrow(['list', '--json'], submitters[0]!.folder, { WINDROW_STORE: store })
  assert.equal(JSON.parse(stdout).sweeps[0].total, 6)
})
