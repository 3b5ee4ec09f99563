import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { copyFile, mkdir, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { contentsOf, expectedRows } from '../../../test/fixtures/merge-inputs.ts'
import { resultBytes, sweepInStore } from '../../../test/fixtures/sweep-in-store.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { until } from '../../../test/fixtures/until.ts'
import { cleanEnvironment, entry, windrow } from '../fixtures/windrow.ts'

/** A folder to work in, whose `results` hold result files. */
async function workplace(count = 6): Promise<string> {
  const folder = await temporaryFolder()
  await mkdir(join(folder, 'results'))
  for (const row of expectedRows(count)) {
    await writeFile(join(folder, 'results', `${row.key}.0.h5`), await encodeResult(contentsOf(row)))
  }
  return folder
}

const mergeArgs = ['merge', '--files', 'results', '-o', 'layouts.h5']

test('merges a folder without any service; verify is content, and the audit tells of every file', async () => {
  const folder = await workplace()
  const { status, stdout } = await windrow(mergeArgs, folder)
  assert.equal(status, 0, stdout)
  assert.match(stdout, /merged .*layouts.h5: 6 of 6 configurations; 6 files of .*results read/)
  assert.match(stdout, /without --spec nobody knows of others/)
  assert.match(stdout, /not checked: the AEP of 6 of 6 is as reported/)
  assert.equal((await windrow(['verify', 'layouts.h5'], folder)).status, 0)
  const audit = readFileSync(join(folder, 'layouts.audit.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(
    audit.filter(({ file }) => file).map(({ file, kind, found }) => [file, kind, found.length]),
    readdirSync(join(folder, 'results')).map((file) => [file, 'result', 1]),
  )
  assert.equal(audit.at(-1).outcome, 'merged')
  assert.deepEqual(readdirSync(folder).sort(), ['layouts.audit.jsonl', 'layouts.h5', 'results'])
})

test('with --spec every result is evaluated again, and what is missing is counted and named', async () => {
  const { folder, submitted, specificationPath } = await sweepInStore()
  await mkdir(join(folder, 'results'))
  for (const key of ['farm0_s0', 'farm0_s1', 'farm1_s2']) {
    await writeFile(join(folder, 'results', `${key}.0.h5`), await resultBytes(submitted.plan, key))
  }
  const args = ['merge', '--files', 'results', '-o', 'out.h5', '--spec', specificationPath]
  const short = await windrow([...args, '--json'], folder)
  assert.equal(short.status, 2)
  const report = JSON.parse(short.stdout)
  assert.partialDeepStrictEqual(report.counts, { expected: 8, merged: 3, missing: 5, plausible: 0 })
  assert.deepEqual([report.complete, report.path.endsWith('out.partial.h5')], [false, true])
  const enough = await windrow([...args, '--tolerance', '62.5%'], folder)
  assert.equal(enough.status, 0)
  assert.match(enough.stdout, /short, within the tolerance: 5 missing of 8 expected/)
  assert.deepEqual([existsSync(join(folder, 'out.h5')), existsSync(join(folder, 'out.partial.h5'))], [true, false])
})

test('corrupt files are left out and named, or stop everything: statuses 2 and 3', async () => {
  const folder = await workplace()
  await truncate(join(folder, 'results', 'farm0_t0_s0.0.h5'), 900)
  await writeFile(join(folder, 'results', 'worker_1.h5'), '')
  const failed = await windrow([...mergeArgs, '--on-corrupt', 'fail'], folder)
  assert.equal(failed.status, 3)
  assert.match(failed.stdout, /NOT MERGED[\s\S]*worker_1.h5: empty[\s\S]*farm0_t0_s0 in farm0_t0_s0.0.h5: truncated/)
  assert.equal(existsSync(join(folder, 'layouts.h5')), false)
  const skipped = await windrow(mergeArgs, folder)
  assert.equal(skipped.status, 2)
  assert.match(
    skipped.stdout,
    /PARTIAL .*layouts.partial.h5: 5 of 6[\s\S]*1 quarantined of 6 expected, and what 1 refused file holds/,
  )
  assert.equal((await windrow([...mergeArgs, '--tolerance', '2'], folder)).status, 0)
  for (const name of readdirSync(join(folder, 'results'))) await truncate(join(folder, 'results', name), 100)
  const nothing = await windrow(['merge', '--files', 'results', '-o', 'other.h5'], folder)
  assert.equal(nothing.status, 2)
  assert.match(nothing.stdout, /NOTHING MERGED/)
  assert.equal(existsSync(join(folder, 'other.h5')), false)
})

test('replaces what an earlier merge of the same folder made, and no other file', async () => {
  const folder = await workplace()
  assert.equal((await windrow(mergeArgs, folder)).status, 0)
  const first = readFileSync(join(folder, 'layouts.h5'))
  assert.equal((await windrow(mergeArgs, folder)).status, 0)
  assert.ok(readFileSync(join(folder, 'layouts.h5')).equals(first), 'the same folder gives the same bytes')
  await mkdir(join(folder, 'others'))
  await copyFile(join(folder, 'results', 'farm0_t0_s0.0.h5'), join(folder, 'others', 'one.h5'))
  const other = await windrow(['merge', '--files', 'others', '-o', 'layouts.h5'], folder)
  assert.deepEqual([other.status, /code: OUTPUT_PATH_TAKEN/.test(other.stderr)], [1, true])
  await writeFile(join(folder, 'layouts.h5'), Buffer.concat([first, Buffer.from('x')]))
  const changed = await windrow(mergeArgs, folder)
  assert.deepEqual([changed.status, /code: OUTPUT_PATH_TAKEN/.test(changed.stderr)], [1, true])
  assert.equal(statSync(join(folder, 'layouts.h5')).size, first.length + 1)
})

test('odd command lines are refused before anything is read', async () => {
  const folder = await workplace(1)
  const refused = async (...args: string[]) => {
    const { status, stderr } = await windrow(['merge', ...args], folder)
    assert.equal(status, 1, args.join(' '))
    return stderr
  }
  assert.match(await refused('--files', 'results', '-o', 'results/layouts.h5'), /of which nothing is changed/)
  assert.match(await refused('--files', 'results'), /--files needs -o FILE/)
  assert.match(await refused('--files', 'nowhere', '-o', 'x.h5'), /code: FILE_UNREADABLE/)
  assert.match(await refused('--files', 'results', '-o', 'nowhere/x.h5'), /There is no folder/)
  assert.match(await refused('--files', 'results', '-o', 'x.h5', '--tolerance', 'some'), /neither a number/)
  assert.match(await refused('--files', 'results', '-o', 'x.h5', '--on-corrupt', 'ignore'), /skip, fail/)
  assert.match(await refused('--files', 'results', '-o', 'x.h5', 'small'), /not both/)
  assert.match(await refused('small', '-o', 'x.h5'), /--output goes with --files/)
  assert.match(await refused(), /Name a sweep, or a folder/)
  assert.deepEqual(readdirSync(folder), ['results'])
})

for (const [signal, ends] of [
  ['SIGKILL', [null, 'SIGKILL']],
  ['SIGTERM', [130, null]],
] as const) {
  test(`${signal} in the middle leaves no file under the output's name`, async () => {
    const folder = await workplace(300)
    const child = spawn(process.execPath, [entry, ...mergeArgs], {
      cwd: folder,
      env: cleanEnvironment(),
      stdio: 'ignore',
    })
    after(() => child.kill('SIGKILL'))
    const ended = new Promise((resolve) => child.once('exit', (code, by) => resolve([code, by])))
    const begun = () => readdirSync(folder).filter((name) => name.endsWith('.partial'))
    await until(() => begun().length === 1)
    child.kill(signal)
    assert.deepEqual(await ended, ends)
    assert.equal(existsSync(join(folder, 'layouts.h5')), false)
    if (signal !== 'SIGKILL') assert.deepEqual(begun(), [])
    for (const name of begun()) await rm(join(folder, name))
    assert.equal((await windrow(mergeArgs, folder)).status, 0, 'and it can be done again')
  })
}

test('a merge of a sweep needs its services, and says so', async () => {
  const { folder } = await sweepInStore()
  const { status, stderr } = await windrow(['merge', 'small'], folder)
  assert.equal(status, 1)
  assert.match(stderr, /Nobody can be asked for a merge of small[\s\S]*windrow resume small/)
})
