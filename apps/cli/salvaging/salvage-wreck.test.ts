import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { pathToFileURL } from 'node:url'
import { readActions } from '@windrow/common/accounting/actions.ts'
import { evaluateLayout } from '@windrow/common/optimizing/evaluate.ts'
import { type Problem, problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { readResult } from '@windrow/common/results/read-result.ts'
import { names } from '@windrow/common/store/names.ts'
import { openStore } from '@windrow/common/store/open-store.ts'
import { planOfSpecification } from '@windrow/common/sweep/expand.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { writeWreckSpecification } from '../../../test/fixtures/wreck-specification.ts'
import { windrowInProcess } from '../fixtures/windrow-in-process.ts'

const skip = await pythonSkipReason('h5py')
const folder = await temporaryFolder()
const specificationPath = writeWreckSpecification(folder)
const plan = planOfSpecification(await readSpecification(specificationPath))
const keys = Array.from({ length: 8 }, (_, seed) => `farm0_t0_s${seed}`)

interface Row {
  readonly key: string
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly aep: number
}

/** A row as the model of the specification has it: six places of a lattice, others for each seed. */
function rowOf(key: string, changes: Partial<Row> = {}): Row {
  const seed = Number(key.at(-1))
  const x = [600, 1600, 2600, 600, 1600, 2600].map((place) => place + 10 * seed)
  const y = [600, 600, 600, 1600, 1600, 1600 + 100 * seed]
  return { key, x, y, aep: evaluateLayout(problemFor(key), { xM: x, yM: y }).aepGWh, ...changes }
}

function problemFor(key: string): Problem {
  return problemOf(plan.at(plan.indexOf(key)!), plan.specification)
}

/** A directory of keyed worker files, one for each list of rows. */
async function wreckOf(name: string, files: readonly (readonly Row[])[]): Promise<string> {
  await mkdir(join(folder, name))
  const code = `
import json, os, sys
import h5py, numpy as np
for n, rows in enumerate(json.loads(sys.argv[2])):
    with h5py.File(os.path.join(sys.argv[1], '%s_%d.h5' % (os.path.basename(sys.argv[1]), n)), 'w') as f:
        for row in rows:
            g = f.create_group(row['key'])
            g['layout'], g['aep'] = np.array([row['x'], row['y']]), row['aep']`
  await runPython(code, { args: [join(folder, name), JSON.stringify(files)] })
  return name
}

const openIn = (local: string) => openStore(pathToFileURL(join(folder, local, 'store')).href, { create: true })

async function salvage(wreck: string, local: string, ...args: string[]) {
  const given = ['salvage', wreck, '--spec', specificationPath, '--dir', local, ...args]
  const { status, stdout, stderr } = await windrowInProcess(given, folder)
  assert.equal(status, 0, stderr)
  return args.includes('--json') ? JSON.parse(stdout) : stdout
}

test('an AEP that the model does not give again, where it gives most others, is refused', { skip }, async () => {
  const wrong = rowOf(keys[3]!)
  const rows = keys.map((key) => (key === wrong.key ? { ...wrong, aep: wrong.aep * 1.001 } : rowOf(key)))
  const wreck = await wreckOf('reproduced', [rows])
  for (const mode of ['reevaluate', 'as-reported']) {
    const found = await salvage(wreck, `reproduced-${mode}`, '--json', '--aep', mode)
    assert.deepEqual(
      found.salvaged,
      keys.filter((key) => key !== wrong.key),
    )
    assert.deepEqual(found.bad_rows, { [wrong.key]: { file: 'reproduced_0.h5', cause: 'aep_mismatch' } })
  }
})

test('an import says that it is plausible and where it comes from, and keeps the original AEP', { skip }, async () => {
  const rows = keys.slice(0, 3).map((key) => rowOf(key, { aep: -7.5 }))
  const wreck = await wreckOf('negative', [rows])
  const told = await salvage(wreck, 'reevaluated')
  assert.match(told, /warning: 3 of 3 reported AEPs are negative: most likely a cost was stored/)
  assert.match(told, /warning: All 3 reported AEPs are -7\.5: most likely they were read before the model ran/)
  const store = await openIn('reevaluated')
  const bytes = await store.read(names.result('old', keys[1]!, 0))
  const { contents } = await readResult(bytes!)
  const { datasets, salvaged } = contents
  assert.equal(datasets.aep?.data[0], rowOf(keys[1]!).aep)
  assert.deepEqual(datasets.aep_reported, { elementType: '<f8', shape: [], data: Float64Array.of(-7.5) })
  assert.deepEqual([...(datasets.layout?.data ?? [])], [...rows[1]!.x, ...rows[1]!.y])
  const place = `/${keys[1]!}`
  assert.partialDeepStrictEqual(salvaged, { file: 'negative_0.h5', place, aep: 'reevaluated' })
  const { actions } = await readActions(store, 'old')
  assert.partialDeepStrictEqual(actions, [
    { action: 'salvage', by: 'tester@here', changed: 3, configurations: [[0, 2]] },
  ])
  await salvage(wreck, 'reported', '--aep', 'as-reported')
  const reported = await (await openIn('reported')).read(names.result('old', keys[1]!, 0))
  assert.equal((await readResult(reported!)).contents.datasets.aep?.data[0], -7.5)
})

test('what the sweep has computed itself is left alone, whatever a wreck says', { skip }, async () => {
  const [own, other] = [keys[0]!, keys[1]!]
  const wreck = await wreckOf('late', [[rowOf(own, { aep: 1 }), rowOf(other)]])
  await salvage(await wreckOf('first', [[rowOf(keys[2]!)]]), 'computed')
  const { x, y, aep } = rowOf(own)
  const layout = { xM: Float64Array.from(x), yM: Float64Array.from(y) }
  const digest = plan.digestAt(plan.indexOf(own)!)
  const committed = await encodeResult(resultOf(problemFor(own), digest, { layout, aepGWh: aep }))
  const store = await openIn('computed')
  await store.create(names.result('old', own, 0), committed)
  const found = await salvage(wreck, 'computed', '--json')
  assert.deepEqual([found.salvaged, found.conflicts, found.missing.includes(own)], [[other], {}, false])
  assert.deepEqual(await store.read(names.result('old', own, 0)), Uint8Array.from(committed))
})

test('what a later file contradicts is closed and missing, both are named, and neither comes back', {
  skip,
}, async () => {
  const [steady, contested] = [keys[0]!, keys[1]!]
  const first = await wreckOf('one', [[rowOf(steady), rowOf(contested)]])
  const second = await wreckOf('two', [
    [rowOf(steady), rowOf(contested, { x: rowOf(contested).y, y: rowOf(contested).x })],
  ])
  assert.deepEqual((await salvage(first, 'contested', '--json')).salvaged, [steady, contested])
  const planned = await salvage(second, 'contested', '--json', '--dry-run')
  assert.deepEqual(await salvage(second, 'contested', '--json'), planned)
  assert.deepEqual(planned.salvaged, [steady])
  assert.ok(planned.missing.includes(contested))
  assert.deepEqual(planned.conflicts, { [contested]: ['one_0.h5', 'two_0.h5'] })
  for (const wreck of [first, second]) {
    const again = await salvage(wreck, 'contested', '--json')
    assert.deepEqual([again.salvaged, again.conflicts], [[steady], planned.conflicts])
  }
  const reopened = join(folder, 'contested/store/sweeps/old/reopened')
  assert.deepEqual(readdirSync(reopened), [`${contested}.0.json`])
  const { reason } = JSON.parse(readFileSync(join(reopened, `${contested}.0.json`), 'utf8'))
  assert.equal(reason, 'what was salvaged is contradicted by another file: one_0.h5, two_0.h5')
})

test('an import that was interrupted goes on where it was, and takes nothing in twice', { skip }, async () => {
  const wreck = await wreckOf(
    'interrupted',
    keys.map((key) => [rowOf(key)]),
  )
  await salvage(wreck, 'interrupted-store')
  const store = await openIn('interrupted-store')
  const before = new Map<string, Uint8Array>()
  for (const key of keys) before.set(key, (await store.read(names.result('old', key, 0)))!)
  for (const key of keys.slice(5)) await store.remove(names.result('old', key, 0))
  const told = await salvage(wreck, 'interrupted-store')
  assert.match(told, /8 of 60 configurations salvaged \(3 now, 5 before\)/)
  for (const key of keys) assert.deepEqual(await store.read(names.result('old', key, 0)), before.get(key))
})
