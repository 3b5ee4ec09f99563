import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { wreckStyles } from '@windrow/common/wrecks/wreck.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { writeWreckSpecification } from '../../../test/fixtures/wreck-specification.ts'
import { assertFound, type ExpectedWreck, snapshotOf } from '../../../test/fixtures/wrecks.ts'
import { windrowInProcess as windrow } from '../fixtures/windrow-in-process.ts'

const skip = await pythonSkipReason('h5py')
const folder = await temporaryFolder()
const inFolder = (name: string) => join(folder, name)
const specification = writeWreckSpecification(folder)
const script = readFileSync(new URL('../../../test/fixtures/h5py_wrecks.py', import.meta.url), 'utf8')
const expectedOf = (path: string): ExpectedWreck => JSON.parse(readFileSync(path, 'utf8'))
const salvage = (directory: string, ...args: string[]) =>
  windrow(['salvage', directory, '--spec', specification, ...args], folder)

before(async () => {
  if (skip !== undefined) return
  await Promise.all(
    wreckStyles.map((style, place) => runPython(script, { args: [inFolder(style), style, String(20 + place)] })),
  )
})

for (const style of wreckStyles) {
  test(`salvage finds everything in a ${style} wreck, names the rest, and changes nothing`, { skip }, async () => {
    const wreck = inFolder(style)
    const untouched = snapshotOf(wreck)
    const { status, stdout, stderr } = await salvage(wreck, '--dry-run', '--json', '--dir', 'nowhere')
    assert.equal(status, 0, stderr)
    assertFound(JSON.parse(stdout), expectedOf(inFolder(`expected-${style}.json`)))
    assert.deepEqual(snapshotOf(wreck), untouched)
    assert.equal(existsSync(inFolder('nowhere')), false)
  })
}

/** The wrecks beside the project; where they are not, those above are all there is. */
const shared = fileURLToPath(new URL('../../../../shared/wrecks/', import.meta.url))
for (const style of wreckStyles.filter((name) => existsSync(join(shared, name)))) {
  test(`salvage finds what is known of the ${style} wreck beside the project`, async () => {
    const wreck = join(shared, style, 'layouts.h5_temp')
    const spec = fileURLToPath(new URL('../../../examples/wreck.yaml', import.meta.url))
    const store = inFolder(`shared-${style}`)
    const { status, stdout, stderr } = await windrow(
      ['salvage', wreck, '--spec', spec, '--dir', store, '--json'],
      folder,
    )
    assert.equal(status, 0, stderr)
    const expected = expectedOf(join(shared, style, 'expected.json'))
    assertFound(JSON.parse(stdout), expected)
    await assertToTheBit(join(store, 'store/sweeps/wreck/results'), expected)
  })
}

/** The AEP of every commit is the reported one, doubtful or not. */
async function assertToTheBit(results: string, { aep }: ExpectedWreck): Promise<void> {
  const read = `
import glob, json, os, sys
import h5py
aep = {}
for path in glob.glob(sys.argv[1] + '/*.h5'):
    with h5py.File(path) as f:
        for key in f: aep[key] = f[key]['aep'][()]
print(json.dumps(aep))`
  const committed: Record<string, number> = JSON.parse(await runPython(read, { args: [results] }))
  assert.ok(Object.keys(committed).length > 0)
  for (const [key, value] of Object.entries(committed)) assert.equal(value, aep[key], key)
}

test('salvage says in words what it read, what is bad and why, what is missing, and what comes next', {
  skip,
}, async () => {
  const { status, stdout } = await salvage('keyed', '--dir', 'told')
  assert.equal(status, 0)
  assert.match(stdout, /^\d+ files of \S*keyed read: \d+ good \(keyed\), 2 hollow, 10 bad; 6 ignored\n/)
  assert.match(stdout, /\n {2}2 truncated: worker_\d+\.h5, worker_\d+\.h5\n/)
  assert.match(
    stdout,
    /\n {2}farm\d_t\d_s\d: key_mismatch: farm\d_t\d_s\d has farm_idx \d, not \d\. \(worker_\d+\.h5, /,
  )
  assert.match(
    stdout,
    /\n1 configuration in conflict, no copy is taken:\n {2}farm\d_t\d_s\d: worker_\d+\.h5, worker_\d+\.h5\n/,
  )
  assert.match(stdout, /\n15 of 60 configurations salvaged\n45 of 60 missing: /)
  assert.match(stdout, /\nAEP: evaluated again, the original kept as aep_reported\nwarning: The reported AEPs are /)
  assert.match(stdout, /\n15 of 15 are from files without checksums/)
  assert.match(stdout, /To run what is missing, and merge: windrow resume old\n$/)
  const evidence = await windrow(['quarantine', 'old', '--dir', 'told', '-o', 'refused'], folder)
  assert.match(evidence.stdout, /\d+ files of an earlier sweep, refused by salvage:\n[\s\S]*1 nan_layout/)
  const again = await salvage('keyed', '--dir', 'told')
  assert.match(again.stdout, /\n15 of 60 configurations salvaged \(0 now, 15 before\)\n/)
})

test('a merged file that was made with other parameters is refused, and nothing is begun', { skip }, async () => {
  await runPython(
    "import h5py, sys\nwith h5py.File(sys.argv[1], 'w') as f: f.attrs.update(dict(grid_size=10, random_pct=50))",
    {
      args: [inFolder('merged.h5')],
    },
  )
  const { status, stderr } = await salvage('keyed', '--merged', 'merged.h5', '--dir', 'refused-wreck')
  assert.equal(status, 1)
  assert.match(stderr, /made with random_pct 50; the specification says 30\.\n {2}code: WRECK_CONTRADICTS/)
  assert.equal(existsSync(inFolder('refused-wreck')), false)
})

test('a directory without HDF5 files is refused, and its folders are named', { skip }, async () => {
  mkdirSync(inFolder('outer/layouts.h5_temp'), { recursive: true })
  const { status, stderr } = await salvage('outer')
  assert.equal(status, 1)
  assert.match(
    stderr,
    /code: WRECK_EMPTY\n {2}next: Folders are not searched; name one of them: .*outer\/layouts\.h5_temp/,
  )
  assert.match((await salvage('nowhere')).stderr, /code: FILE_UNREADABLE/)
})

test('nothing is made inside the directory that is salvaged', { skip }, async () => {
  writeFileSync(inFolder('outer/layouts.h5_temp/worker_1.h5'), '')
  const inside = await windrow(['salvage', '.', '--spec', specification], inFolder('outer/layouts.h5_temp'))
  assert.equal(inside.status, 1)
  assert.match(inside.stderr, /nothing in a directory that is salvaged is changed\.\n {2}code: USAGE/)
  assert.equal(existsSync(inFolder('outer/layouts.h5_temp/.windrow')), false)
})

test('another specification under the name of a sweep that is there is refused before anything is read', {
  skip,
}, async () => {
  const other = await temporaryFolder()
  const changed = writeWreckSpecification(other, { optimizer: { grid_size: 11 } })
  await salvage('nested', '--dir', 'changed')
  const { status, stderr } = await windrow(
    ['salvage', 'nested', '--spec', changed, '--dir', 'changed', '--dry-run'],
    folder,
  )
  assert.equal(status, 1)
  assert.match(stderr, /code: SPEC_CHANGED/)
})
