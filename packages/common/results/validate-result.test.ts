import assert from 'node:assert/strict'
import test from 'node:test'
import { exampleContents, exampleExpectation } from '../../../test/fixtures/example-result.ts'
import { evaluation } from '../../../test/fixtures/stand-in-evaluation.ts'
import { loadHdf5 } from '../hdf5/library.ts'
import { openWriter } from '../hdf5/writer.ts'
import { encodeResult } from './encode-result.ts'
import { readWithLibhdf5 } from './read-result.ts'
import { Refusal } from './refusal.ts'
import { judgeResult, validateOwnResult, validateResult } from './validate-result.ts'
import type { Verdict } from './verdict.ts'

/** Mulberry32: the same mutants every time. */
function seededUniform(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

function* mutantsOf(bytes: Uint8Array): Generator<Uint8Array> {
  const uniform = seededUniform(20240607)
  for (let part = 0; part < 64; part++) yield bytes.slice(0, Math.floor((bytes.length * part) / 64))
  for (let flips = 0; flips < 500; flips++) {
    const mutant = bytes.slice()
    const at = Math.floor(uniform() * bytes.length)
    mutant[at] = (mutant[at] ?? 0) ^ (1 << Math.floor(uniform() * 8))
    yield mutant
  }
  for (let blocks = 0; blocks < 100; blocks++) {
    const from = Math.floor(uniform() * bytes.length)
    yield bytes.slice().fill(0, from, from + 1 + Math.floor(uniform() * 64))
  }
}

test('accepts no mutant of a result whose values differ', async () => {
  const bytes = await encodeResult(exampleContents)
  const counts = { refused: 0, harmless: 0 }
  for (const mutant of mutantsOf(bytes)) {
    // Nothing is expected: digests and checksums alone must find it.
    const verdict = await validateResult(mutant, {}, { evaluation })
    if (verdict.ok) assert.deepEqual(verdict.contents, exampleContents)
    counts[verdict.ok ? 'harmless' : 'refused']++
  }
  assert.ok(counts.refused > 400, JSON.stringify(counts))
  assert.equal((await validateResult(bytes, exampleExpectation, { evaluation })).ok, true)
})

test('judges a file as Windrow writes them at once, as it does one that libhdf5 read', async () => {
  const bytes = await encodeResult(exampleContents)
  const byLibhdf5 = judgeResult(await readWithLibhdf5(bytes), {}, evaluation)
  assert.deepEqual(validateOwnResult(bytes, {}), byLibhdf5)
  assert.equal(validateOwnResult(bytes, { key: 'farm9_t4_s25' })?.ok, false)
  assert.equal(validateOwnResult(bytes.subarray(0, 1000), {})?.ok, false)
})

test('judges nothing at once that takes libhdf5 or an evaluation', async () => {
  const bytes = await encodeResult(exampleContents)
  assert.equal(validateOwnResult(bytes, exampleExpectation), undefined)
  assert.equal(validateOwnResult(bytes, { minSpacingM: 1 }), undefined)
  const writer = await openWriter({ kind: 'memory' })
  writer.createGroup('/another')
  writer.writeText('/another/text', 'text'.repeat(200))
  assert.equal(validateOwnResult(writer.close(), {}), undefined)
})

test('refuses a result with a claim nobody can check', async () => {
  const reasonOf = (verdict: Verdict) => (verdict.ok ? 'accepted' : verdict.reason)
  const tooLarge = { largestFileBytes: 1000, largestDatasetBytes: 1000 }
  const bytes = await encodeResult(exampleContents)
  assert.equal(reasonOf(await validateResult(bytes, {}, { evaluation, limits: tooLarge })), 'too-large')
  const tooWide = { largestFileBytes: 1e6, largestDatasetBytes: 95 }
  assert.equal(reasonOf(await validateResult(bytes, {}, { evaluation, limits: tooWide })), 'too-large')
})

test('the memory of libhdf5 stays flat over thousands of files, good and bad', async () => {
  const good = await encodeResult(exampleContents)
  const mutants = [...mutantsOf(good)]
  const validateAll = async (count: number) => {
    for (let job = 0; job < count; job++) {
      const bytes = job % 2 === 0 ? good : (mutants[job % mutants.length] ?? good)
      try {
        await readWithLibhdf5(bytes)
      } catch (error) {
        assert.ok(error instanceof Refusal)
      }
    }
  }
  await validateAll(300)
  const library = await loadHdf5()
  const heapBytes = library.module.HEAPU8.length
  await validateAll(1200)
  assert.equal(await loadHdf5(), library)
  assert.equal(library.module.HEAPU8.length, heapBytes)
  assert.equal(library.files.streams.filter((stream) => stream?.path?.endsWith('.h5')).length, 0)
})

test('libhdf5 is waited for where it reads, and only there', async () => {
  const waited: string[] = []
  const validate = (name: string, bytes: Uint8Array) =>
    validateResult(bytes, exampleExpectation, {
      evaluation,
      onForeign: async () => {
        await new Promise((resolve) => setImmediate(resolve))
        waited.push(name)
      },
      onRead: () => waited.push(`${name} is read`),
    })
  const own = await encodeResult(exampleContents)
  const foreign = Uint8Array.from([...own, 0])
  assert.equal((await validate('own', own)).ok, true)
  assert.equal((await validate('foreign', foreign)).ok, true)
  assert.equal((await validate('empty', new Uint8Array())).ok, false)
  assert.deepEqual(waited, ['own is read', 'foreign', 'foreign is read'])
})
