import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { withFlippedBit } from '../../../test/fixtures/file-faults.ts'
import {
  contentsOf,
  expectedRows,
  mergeOf,
  mixedStates,
  seeded,
  shuffled,
} from '../../../test/fixtures/merge-inputs.ts'
import { mountSmallDisk } from '../../../test/fixtures/small-disk.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { isWindrowError } from '../errors/windrow-error.ts'
import { encodeResult } from '../results/encode-result.ts'
import type { ExpectedConfiguration } from './account.ts'
import { decodeCertificate } from './certificate.ts'
import type { AuditLine } from './commit-readings.ts'
import { mergeLayouts } from './input-digest.ts'
import type { MergeOutcome } from './merge.ts'
import { verifyMerged } from './verify-merged.ts'

const committedBytes = (row: ExpectedConfiguration) => encodeResult(contentsOf(row))

function assertMerged(outcome: MergeOutcome): asserts outcome is Extract<MergeOutcome, { outcome: 'merged' }> {
  assert.equal(outcome.outcome, 'merged', JSON.stringify(outcome))
}

for (const layout of mergeLayouts) {
  test(`merging in any order yields identical bytes (${layout})`, async () => {
    const folder = await temporaryFolder()
    const random = seeded(1)
    const rows = expectedRows(24, mixedStates)
    const outcomes: MergeOutcome[] = []
    for (let round = 0; round < 4; round++) {
      // Results also arrive out of order: each read takes as long as it likes.
      const readCommit = async (row: ExpectedConfiguration) => {
        for (let turn = Math.floor(random() * 5); turn > 0; turn--) await new Promise(setImmediate)
        return committedBytes(row)
      }
      const path = join(folder, `${round}.h5`)
      outcomes.push(await mergeOf(shuffled(rows, random), path, { layout, readCommit, readAhead: 1 + round * 3 }))
    }
    const [first, ...others] = outcomes
    assertMerged(first!)
    for (const other of others) assert.deepEqual(other, first)
    const bytes = await readFile(join(folder, '0.h5'))
    assert.deepEqual(await readFile(join(folder, '3.h5')), bytes)
    assert.equal(first.sha256, createHash('sha256').update(bytes).digest('hex'))
    assert.equal(first.bytes, bytes.length)
  })

  test(`every merged result reads back to its content digest (${layout})`, async () => {
    const folder = await temporaryFolder()
    const [path, certificatePath] = [join(folder, 'layouts.h5'), join(folder, 'certificate.json')]
    const outcome = await mergeOf(expectedRows(30, mixedStates), path, { layout, tolerance: '30%', certificatePath })
    assertMerged(outcome)
    const verification = await verifyMerged(path)
    assert.deepEqual(verification.faults, [])
    assert.equal(verification.ok, true)
    assert.equal(verification.complete, true)
    assert.equal(verification.rows.filter(({ verdict }) => verdict === 'verified').length, 21)
    assert.equal(verification.rows.filter(({ verdict }) => verdict === 'named').length, 9)
    const { quarantined, dead, missing, merged, ...head } = decodeCertificate(await readFile(certificatePath, 'utf8'))
    assert.deepEqual(head, outcome.certificate)
    assert.deepEqual(
      [merged, [...quarantined, ...dead, ...missing]].map(({ length }) => length),
      [21, 9],
    )
  })

  test(`lists every damaged commit and publishes nothing (${layout})`, async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'layouts.h5')
    await writeFile(path, 'an earlier generation')
    const rows = expectedRows(20)
    const readCommit = async (row: ExpectedConfiguration) => {
      if (row.index === 4) return undefined
      const bytes = await committedBytes(row)
      if (row.index === 9) return bytes.subarray(0, bytes.length - 100)
      return row.index === 13 ? committedBytes(rows[14]!) : bytes
    }
    const outcome = await mergeOf(rows, path, { layout, readCommit })
    assert.equal(outcome.outcome, 'damaged')
    const found = outcome.damaged.map(({ row, verdict, vanished }) => [row.index, verdict.reason, vanished])
    assert.deepEqual(
      found.sort(([a], [b]) => Number(a) - Number(b)),
      [
        [4, 'missing-object', true],
        [9, 'truncated', false],
        [13, 'wrong-key', false],
      ],
    )
    assert.equal(await readFile(path, 'utf8'), 'an earlier generation')
    assert.deepEqual(await readdir(folder), ['layouts.h5'])
  })
}

for (const layout of mergeLayouts) {
  test(`publishes nothing that does not read back as it was written (${layout})`, async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'layouts.h5')
    await writeFile(path, 'an earlier generation')
    const rows = expectedRows(6)
    const aep = contentsOf(rows[2]!).datasets.aep!.data as Float64Array
    const merging = withFlippedBit(new Uint8Array(aep.buffer), () => mergeOf(rows, path, { layout }))
    await assert.rejects(merging, (error) => isWindrowError(error, 'MERGE_UNVERIFIED'))
    assert.equal(await readFile(path, 'utf8'), 'an earlier generation')
    assert.deepEqual(await readdir(folder), ['layouts.h5'])
  })

  test(`counts and marks what its commits say was salvaged (${layout})`, async () => {
    const path = join(await temporaryFolder(), 'layouts.h5')
    const salvaged = { file: 'worker_1.h5', place: 'row 3', sha256: 'ab'.repeat(32), aep: 'as-reported' } as const
    const rows = expectedRows(6)
    const readCommit = async (row: ExpectedConfiguration) =>
      encodeResult({ ...contentsOf(row), ...(row.index < 2 && { salvaged }) })
    const outcome = await mergeOf(rows, path, { layout, readCommit })
    assertMerged(outcome)
    assert.partialDeepStrictEqual(outcome.certificate.counts, { merged: 6, salvaged: 2, plausible: 2 })
    assert.equal((await verifyMerged(path)).ok, true)
    const plain = await mergeOf(rows, path, { layout })
    assertMerged(plain)
    assert.notEqual(plain.inputDigest, outcome.inputDigest)
  })
}

test('reads a commit again before it counts as damaged', async () => {
  const reads = new Map<string, number>()
  const lines: AuditLine[] = []
  const readCommit = async (row: ExpectedConfiguration) => {
    const read = (reads.get(row.key) ?? 0) + 1
    reads.set(row.key, read)
    return row.index === 2 && read < 3 ? new Uint8Array(0) : committedBytes(row)
  }
  const path = join(await temporaryFolder(), 'layouts.h5')
  const outcome = await mergeOf(expectedRows(5), path, { readCommit, audit: (line) => void lines.push(line) })
  assertMerged(outcome)
  const verdicts = lines.filter(({ key }) => key.endsWith('_s2')).map(({ verdict }) => verdict)
  assert.deepEqual(verdicts, ['empty', 'empty', 'valid'])
})

test('audits every file it reads: name, size, digest, verdict, datasets and attributes', async () => {
  const lines: AuditLine[] = []
  const rows = expectedRows(12, mixedStates)
  const audit = async (line: AuditLine) => void lines.push(line)
  await mergeOf(rows, join(await temporaryFolder(), 'layouts.h5'), { audit })
  const committed = rows.filter(({ state }) => state === 'committed')
  assert.equal(lines.length, committed.length)
  const line = lines.find(({ key }) => key === 'farm0_t0_s0')!
  const bytes = await committedBytes(rows[0]!)
  assert.equal(line.name, 'sweeps/danish-energy-island/results/farm0_t0_s0.1.h5')
  assert.equal(line.bytes, bytes.length)
  assert.equal(line.sha256, createHash('sha256').update(bytes).digest('hex'))
  assert.equal(line.verdict, 'valid')
  assert.deepEqual(line.datasets?.layout, { type: '<f8', shape: [2, 7] })
  assert.deepEqual(line.attributes?.n_turbines, { int64: '7' })
  assert.doesNotThrow(() => JSON.stringify(line))
})

test('refuses to merge nothing', async () => {
  const folder = await temporaryFolder()
  await assert.rejects(
    mergeOf(
      expectedRows(3, () => 'missing'),
      join(folder, 'layouts.h5'),
    ),
    { code: 'MERGE_NOTHING' },
  )
  assert.deepEqual(await readdir(folder), [])
})

test('leaves nothing behind when reading the store fails', async () => {
  const folder = await temporaryFolder()
  const readCommit = async (row: ExpectedConfiguration) => {
    if (row.index > 5) throw new Error('the store is away')
    return committedBytes(row)
  }
  await assert.rejects(mergeOf(expectedRows(30), join(folder, 'layouts.h5'), { readCommit }), /the store is away/)
  assert.deepEqual(await readdir(folder), [])
})

for (const layout of mergeLayouts) {
  test(`says that the disk is full and leaves nothing half-written (${layout})`, async (t) => {
    const disk = await mountSmallDisk(64)
    if ('skipped' in disk) return t.skip(disk.skipped)
    try {
      const path = join(disk.path, 'layouts.h5')
      await assert.rejects(mergeOf(expectedRows(120), path, { layout }), { code: 'DISK_FULL' })
      assert.deepEqual(await readdir(disk.path), [])
      assert.equal(existsSync(path), false)
    } finally {
      await disk.remove()
    }
  })
}
