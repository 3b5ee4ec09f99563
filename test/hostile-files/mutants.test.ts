import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { exampleContents } from '../fixtures/example-result.ts'
import { pythonSkipReason, runPython } from '../fixtures/python.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { until } from '../fixtures/until.ts'
import { runCampaign } from './campaign.ts'
import { plantCanary } from './canary.ts'
import { h5pySeeds, ownSeeds } from './seeds.ts'

const skip = await pythonSkipReason('h5py')
const firstThousand = Array.from({ length: 1000 }, (_, index) => index)

test('of 1,000 damaged and forged files none is silently wrong, and no file of the host is opened', {
  skip,
}, async (t) => {
  const folder = await temporaryFolder()
  const canary = plantCanary(folder)
  t.after(() => canary.release())
  const seeds = [...(await ownSeeds()), ...(await h5pySeeds(folder, canary.path))]
  const report = (await runCampaign({ seeds, indices: firstThousand, timeoutMs: 1000 })).report()
  const { silentlyWrong, leaks, disagreements } = report
  assert.deepEqual({ silentlyWrong, leaks, disagreements }, { silentlyWrong: [], leaks: [], disagreements: [] })
  assert.equal(canary.opened, false)
  const counts = report.rows.map(({ counts }) => counts)
  const total = (name: keyof (typeof counts)[number]) => counts.reduce((sum, count) => sum + (count[name] ?? 0), 0)
  for (const found of ['frame', 'checksum', 'libhdf5', 'schema', 'digest', 'benign'] as const) {
    assert.ok(total(found) > 20, `${found}: ${total(found)}`)
  }
  assert.ok(report.compared > 200, `${report.compared} compared`)
})

test('a reader that did open the host file would be noticed', { skip }, async (t) => {
  const folder = await temporaryFolder()
  const canary = plantCanary(folder)
  t.after(() => canary.release())
  const seeds = await h5pySeeds(folder, canary.path)
  const path = join(folder, 'read-by-h5py')
  writeFileSync(path, seeds.find(({ name }) => name === 'hostile-external_storage')?.bytes ?? assert.fail())
  assert.equal(canary.opened, false)
  // Whether h5py can make sense of a pipe does not matter: it opens it.
  await runPython(
    `
import h5py, sys
try: print(h5py.File(sys.argv[1], 'r')['farm9_t4_s24/layout'][:])
except OSError as error: print(error)
`,
    { args: [path] },
  )
  await until(async () => canary.opened)
})

test('values that differ from the original and are accepted would be noticed', async () => {
  const [seed] = await ownSeeds()
  const other = { ...exampleContents, key: 'another' }
  const report = (
    await runCampaign({ seeds: [{ ...seed!, contents: other }], indices: firstThousand.slice(0, 40) })
  ).report()
  assert.ok(report.silentlyWrong.length > 0)
  assert.deepEqual(report.disagreements, [])
})
