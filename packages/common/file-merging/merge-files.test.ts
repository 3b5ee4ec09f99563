import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { copyFile, lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { contentsOf, expectedRows } from '../../../test/fixtures/merge-inputs.ts'
import { pythonSkipReason, runPython } from '../../../test/fixtures/python.ts'
import { smallSpecification, writeSpecification } from '../../../test/fixtures/small-sweep.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { decodeCertificate } from '../merging/certificate.ts'
import { verifyMerged } from '../merging/verify-merged.ts'
import { expectationOf } from '../optimizing/expectation-of.ts'
import { optimize } from '../optimizing/optimize.ts'
import { problemOf } from '../optimizing/problem.ts'
import { resultOf } from '../optimizing/result-of.ts'
import { encodeResult } from '../results/encode-result.ts'
import { evaluation } from '../results/problem-evaluation.ts'
import { createThreadValidator } from '../results/thread-validator.ts'
import { planOfSpecification, type SweepPlan } from '../sweep/expand.ts'
import { readSpecification } from '../sweep/read-specification.ts'
import { createWreckReader } from '../wrecks/wreck-reader.ts'
import { type FileMergeOutcome, type FileMergeRequest, type FolderSpecification, mergeFiles } from './merge-files.ts'

const skip = await pythonSkipReason('h5py')
const validator = createThreadValidator({ size: 1, timeoutMs: 60_000 })
const wrecks = createWreckReader({ size: 1, timeoutMs: 60_000, groups: true })
after(() => Promise.all([validator.close(), wrecks.close()]))

let workerFiles = ''

before(async () => {
  if (skip) return
  workerFiles = await temporaryFolder()
  const script = fileURLToPath(new URL('../../../test/fixtures/h5py_worker_files.py', import.meta.url))
  await runPython('import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])', {
    args: [script, workerFiles],
  })
})

async function merge(directory: string, changes: Partial<FileMergeRequest> = {}): Promise<FileMergeOutcome> {
  const folder = await temporaryFolder()
  const [outputPath, partialPath] = [join(folder, 'layouts.h5'), join(folder, 'layouts.partial.h5')]
  const request: FileMergeRequest = {
    ...{ directory, outputPath, partialPath, layout: 'keyed', tolerance: 0, onCorrupt: 'skip' },
    ...changes,
  }
  const outcome = await mergeFiles(request, {
    ...{ validate: validator.validate, wrecks, evaluation, signal: new AbortController().signal },
    ...{ onRead: () => undefined, onMerged: () => undefined, beforePublishing: () => undefined },
  })
  const left = outcome.kind === 'merged' ? [outcome.path.slice(folder.length + 1)] : []
  assert.deepEqual(await readdir(folder), left, 'nothing else is left beside the output')
  return outcome
}

function assertMerged(outcome: FileMergeOutcome): asserts outcome is FileMergeOutcome & { kind: 'merged' } {
  assert.equal(outcome.kind, 'merged')
}

async function specificationOf(
  changes: Record<string, unknown> = {},
): Promise<FolderSpecification & { plan: SweepPlan }> {
  const axes = { ...(smallSpecification().axes as object), seed: '0..3' }
  const written = writeSpecification(await temporaryFolder(), smallSpecification({ axes, ...changes }))
  const plan = planOfSpecification(await readSpecification(written))
  return {
    plan,
    identityDigest: 'ab'.repeat(32),
    rootAttributes: { grid_size: 10 },
    expectationFor(key) {
      const index = plan.indexOf(key)
      return index === undefined
        ? undefined
        : expectationOf(problemOf(plan.at(index), plan.specification), plan.digestAt(index))
    },
  }
}

const causesOf = (outcome: FileMergeOutcome) => outcome.report.bad.map(({ key, file, cause }) => [key, file, cause])

test('all files are checked: what is good is merged, everything else is named', { skip }, async () => {
  const outcome = await merge(workerFiles)
  assertMerged(outcome)
  const { report } = outcome
  assert.equal(report.files, 7)
  assert.deepEqual(
    report.refused.map(({ file, cause }) => [file, cause]),
    [
      ['worker_5.h5', 'truncated'],
      ['worker_6.h5', 'empty'],
    ],
  )
  assert.deepEqual(report.hollow, ['worker_7.h5'])
  assert.deepEqual(
    report.ignored.map(({ file }) => file),
    ['linked.h5', 'notes.txt', 'older', 'outside.bin'],
  )
  assert.deepEqual(causesOf(outcome), [
    ['farm1_s0', 'worker_3.h5', 'nan_layout'],
    ['farm1_s1', 'worker_3.h5', 'not_success'],
    ['farm1_s2', 'worker_3.h5', 'missing_aep'],
  ])
  assert.deepEqual(report.duplicates, [{ key: 'farm0_s1', files: ['worker_1.h5', 'worker_2.h5'] }])
  assert.deepEqual(report.conflicts, [{ key: 'farm0_s2', files: ['worker_2.h5', 'worker_3.h5', 'worker_4.h5'] }])
  // farm1_s0 is damaged in one file and whole in another.
  const { counts, complete, shortfall, files } = outcome.merge.certificate
  assert.partialDeepStrictEqual(counts, {
    expected: 8,
    merged: 5,
    quarantined: 3,
    missing: 0,
    salvaged: 5,
    plausible: 5,
  })
  assert.deepEqual([complete, shortfall?.configurations], [false, 5])
  assert.deepEqual(files?.refused, [
    { file: 'worker_5.h5', cause: 'truncated' },
    { file: 'worker_6.h5', cause: 'empty' },
  ])
  assert.ok(outcome.path.endsWith('layouts.partial.h5'))
  const verification = await verifyMerged(outcome.path)
  assert.deepEqual([verification.ok, verification.summary.verified], [true, 5])
})

test('everything that a good group holds is kept bit for bit, and what cannot be carried is named', {
  skip,
}, async () => {
  const outcome = await merge(workerFiles)
  assertMerged(outcome)
  const script = fileURLToPath(new URL('../../../test/fixtures/compare_groups.py', import.meta.url))
  const args = [script, join(workerFiles, 'worker_1.h5'), outcome.path, 'farm0_s0']
  const run = 'import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0])'
  const { lost, attributes } = JSON.parse(await runPython(run, { args }))
  assert.equal(attributes, 22)
  const { notCarried } = outcome.report
  assert.deepEqual(notCarried.map(({ place }) => place).sort(), lost)
  assert.deepEqual(lost, [
    ...['@half', 'elsewhere', 'float16', 'lzf', 'opaque', 'outside', 'reference', 'sequences', 'soft', 'virtual'],
  ])
  assert.ok(notCarried.every(({ key, file, why }) => key === 'farm0_s0' && file === 'worker_1.h5' && why.length > 0))
  assert.equal(outcome.merge.certificate.files?.notCarried.length, lost.length)
})

test('with a specification every configuration of it is accounted for, and each is held against it', {
  skip,
}, async () => {
  const specification = await specificationOf()
  const outcome = await merge(workerFiles, { specification })
  assertMerged(outcome)
  const { counts, sweep } = outcome.merge.certificate
  assert.equal(sweep, 'small')
  assert.partialDeepStrictEqual(counts, { expected: 8, merged: 4, quarantined: 4, missing: 0 })
  assert.ok(causesOf(outcome).some(([key, , cause]) => key === 'farm1_s3' && cause === 'key_mismatch'))
  const fewer = await specificationOf({ axes: { ...(smallSpecification().axes as object), seed: '1..5' } })
  const other = await merge(workerFiles, { specification: fewer })
  assertMerged(other)
  assert.partialDeepStrictEqual(other.merge.certificate.counts, { expected: 10, merged: 2, quarantined: 4, missing: 4 })
  assert.ok(causesOf(other).some(([key, , cause]) => key === 'farm0_s0' && cause === 'not_in_specification'))
})

test('what is absent within the tolerance is named, and the file is complete', { skip }, async () => {
  const outcome = await merge(workerFiles, { tolerance: 5 })
  assertMerged(outcome)
  assert.deepEqual([outcome.merge.certificate.complete, outcome.path.endsWith('layouts.h5')], [true, true])
  assert.equal(outcome.merge.certificate.shortfall?.configurations, 5)
})

test('with onCorrupt fail nothing is merged, and everything that is wrong is named all the same', {
  skip,
}, async () => {
  const outcome = await merge(workerFiles, { onCorrupt: 'fail' })
  assert.equal(outcome.kind, 'refused')
  assert.deepEqual(
    [outcome.report.refused.length, outcome.report.bad.length, outcome.report.conflicts.length],
    [2, 3, 1],
  )
})

test('a stacked file takes what has a column, and names the rest', { skip }, async () => {
  const outcome = await merge(workerFiles, { layout: 'stacked' })
  assertMerged(outcome)
  const verification = await verifyMerged(outcome.path)
  assert.deepEqual([verification.ok, verification.summary.verified], [true, 5])
  const places = outcome.report.notCarried.map(({ place }) => place)
  for (const place of ['run', 'table', 'layout@units', '@list', 'float16']) assert.ok(places.includes(place), place)
  const modules = ['h5py', 'xarray', 'h5netcdf']
  if (await pythonSkipReason(...modules)) return
  const script = `
import sys, xarray
d = xarray.open_dataset(sys.argv[1], engine='h5netcdf')
print(d.layout.shape, sorted(d.seed.values.tolist()), float(d.aep.sum()))`
  assert.equal((await runPython(script, { args: [outcome.path], modules })).trim(), '(5, 6, 2) [0, 0, 1, 3, 4] 46.0')
})

test('nothing in the folder changes, and the same folder gives the same bytes', { skip }, async () => {
  const listed = async () =>
    Promise.all(
      readdirSync(workerFiles, { recursive: true, encoding: 'utf8' }).map(async (name) => {
        const path = join(workerFiles, name)
        const { mtimeMs, ctimeMs, size, mode } = await lstat(path)
        const digest = name.endsWith('.h5') ? createHash('sha256').update(readFileSync(path)).digest('hex') : ''
        return { name, mtimeMs, ctimeMs, size, mode, digest }
      }),
    )
  const earlier = await listed()
  const outcomes = [await merge(workerFiles), await merge(workerFiles)]
  for (const outcome of outcomes) assertMerged(outcome)
  assert.deepEqual(await listed(), earlier)
  const [one, other] = outcomes as (FileMergeOutcome & { kind: 'merged' })[]
  assert.ok(readFileSync(one!.path).equals(readFileSync(other!.path)))
})

/** A folder of results as a store holds them. */
async function folderOfResults(count: number): Promise<string> {
  const folder = await temporaryFolder()
  for (const row of expectedRows(count)) {
    await writeFile(join(folder, `${row.key}.0.h5`), await encodeResult(contentsOf(row)))
  }
  return folder
}

test('results are merged by their own digests; damaged ones are named by key', async () => {
  const folder = await folderOfResults(12)
  await copyFile(join(folder, 'farm0_t0_s0.0.h5'), join(folder, 'copy.h5'))
  const bytes = readFileSync(join(folder, 'farm1_t0_s1.0.h5'))
  await writeFile(join(folder, 'farm1_t0_s1.0.h5'), bytes.subarray(0, bytes.length - 10))
  await writeFile(join(folder, 'farm2_t0_s2.0.h5'), '')
  await writeFile(join(folder, 'whatever.h5'), bytes.subarray(0, 1000))
  const outcome = await merge(folder)
  assertMerged(outcome)
  const { counts, shortfall } = outcome.merge.certificate
  assert.partialDeepStrictEqual(counts, { expected: 11, merged: 10, quarantined: 1, salvaged: 0, plausible: 10 })
  assert.equal(shortfall?.configurations, 3)
  assert.deepEqual(causesOf(outcome), [['farm1_t0_s1', 'farm1_t0_s1.0.h5', 'truncated']])
  assert.deepEqual(
    outcome.report.refused.map(({ file, cause }) => [file, cause]),
    [
      ['farm2_t0_s2.0.h5', 'empty'],
      ['whatever.h5', 'truncated'],
    ],
  )
  assert.deepEqual(outcome.report.duplicates, [{ key: 'farm0_t0_s0', files: ['copy.h5', 'farm0_t0_s0.0.h5'] }])
  assert.equal((await verifyMerged(outcome.path)).ok, true)
})

test('a result that was salvaged is merged as such, its AEP as reported', async () => {
  const folder = await temporaryFolder()
  const specification = await specificationOf()
  const { plan } = specification
  const salvaged = { file: 'worker_1.h5', place: 'row 3', sha256: 'ab'.repeat(32), aep: 'as-reported' } as const
  for (const [index, origin, changes] of [
    [0, { salvaged }, { aepGWh: 1.5 }],
    [1, {}, {}],
  ] as const) {
    const problem = problemOf(plan.at(index), plan.specification)
    const contents = resultOf(problem, plan.digestAt(index), { ...optimize(problem), ...changes })
    await writeFile(join(folder, `${contents.key}.0.h5`), await encodeResult({ ...contents, ...origin }))
  }
  const outcome = await merge(folder, { specification, layout: 'stacked' })
  assertMerged(outcome)
  assert.partialDeepStrictEqual(outcome.merge.certificate.counts, { merged: 2, salvaged: 1, plausible: 1 })
  assert.equal((await verifyMerged(outcome.path)).ok, true)
})

test('a merged file in the folder is not merged again, and a folder without files is refused', async () => {
  const folder = await folderOfResults(3)
  const first = await merge(folder)
  assertMerged(first)
  await copyFile(first.path, join(folder, 'earlier.h5'))
  const again = await merge(folder)
  assertMerged(again)
  assert.equal(again.merge.certificate.counts.merged, 3)
  assert.deepEqual(
    again.report.ignored.map(({ file }) => file),
    ['earlier.h5'],
  )
  const empty = await temporaryFolder()
  await mkdir(join(empty, 'inner'))
  await assert.rejects(merge(empty), { code: 'MERGE_NOTHING' })
  await assert.rejects(merge(join(empty, 'nowhere')), { code: 'FILE_UNREADABLE' })
})

test('the certificate is one that the reader of certificates takes', { skip }, async () => {
  const outcome = await merge(workerFiles)
  assertMerged(outcome)
  const script = "import h5py, sys; print(bytes(h5py.File(sys.argv[1])['init/certificate'][:]).decode())"
  const certificate = decodeCertificate(await runPython(script, { args: [outcome.path] }))
  assert.deepEqual(
    certificate.quarantined.map(({ key, cause }) => [key, cause]),
    [
      ['farm0_s2', 'FILES_CONFLICT'],
      ['farm1_s1', 'FILE_CORRUPT'],
      ['farm1_s2', 'FILE_CORRUPT'],
    ],
  )
})
