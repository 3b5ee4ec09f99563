import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { promisify } from 'node:util'
import { gunzipSync } from 'node:zlib'
import { exampleContents, exampleExpectation } from '../../../test/fixtures/example-result.ts'
import { evaluation } from '../../../test/fixtures/stand-in-evaluation.ts'
import { encodeResult } from './encode-result.ts'
import { createInlineValidator } from './inline-validator.ts'
import { createThreadValidator } from './thread-validator.ts'
import type { Verdict } from './verdict.ts'

const evaluationModule = new URL('../../../test/fixtures/stand-in-evaluation.ts', import.meta.url)
const bytes = await encodeResult(exampleContents)
const misbehaving = (kind: string) => ({ ...exampleExpectation, problem: { kind } })
const reasonOf = (verdict: Verdict) => (verdict.ok ? 'accepted' : verdict.reason)

/** Results of h5py with one damaged place, found among thousands of mutants. */
const damaged = (name: string) =>
  gunzipSync(readFileSync(new URL(`../../../test/fixtures/damaged/${name}.h5.gz`, import.meta.url)))

test('a file on which libhdf5 never ends, and one on which it traps, each get their verdict', async (t) => {
  const validator = createThreadValidator({ timeoutMs: 1000, size: 1, evaluationModule })
  t.after(() => validator.close())
  const files = [damaged('endless'), damaged('trapping'), bytes]
  const verdicts = await Promise.all(files.map((file) => validator.validate(file, exampleExpectation)))
  assert.deepEqual(verdicts.map(reasonOf), ['reader-timeout', 'reader-crashed', 'accepted'])
})

test('inline too, a file on which libhdf5 traps leaves nothing behind for the next', async () => {
  const validator = createInlineValidator({ evaluation })
  for (let round = 0; round < 3; round++) {
    assert.equal(reasonOf(await validator.validate(damaged('trapping'), exampleExpectation)), 'reader-crashed')
    assert.equal((await validator.validate(bytes, exampleExpectation)).ok, true)
  }
})

test('a validation that does not end is ended, and the next file gets a fresh thread', async (t) => {
  const validator = createThreadValidator({ timeoutMs: 1000, size: 1, evaluationModule })
  t.after(() => validator.close())
  const [hung, next] = await Promise.all([
    validator.validate(bytes, misbehaving('loop')),
    validator.validate(bytes, exampleExpectation),
  ])
  assert.deepEqual(hung, { ok: false, reason: 'reader-timeout', detail: 'Validating it took longer than 1000 ms.' })
  assert.equal(next.ok, true)
})

test('a thread that dies gives a verdict, and the next file gets a fresh one', async (t) => {
  const validator = createThreadValidator({ timeoutMs: 60_000, size: 1, evaluationModule })
  t.after(() => validator.close())
  assert.equal(reasonOf(await validator.validate(bytes, misbehaving('exit'))), 'reader-crashed')
  assert.equal((await validator.validate(bytes, exampleExpectation)).ok, true)
})

test('a hung validation holds up no other thread', async () => {
  const validator = createThreadValidator({ timeoutMs: 600_000, size: 2, evaluationModule })
  const hung = assert.rejects(validator.validate(bytes, misbehaving('loop')), { code: 'PROCESS_FAILED' })
  for (let job = 0; job < 20; job++) assert.equal((await validator.validate(bytes, exampleExpectation)).ok, true)
  await validator.close()
  await hung
})

test('files as Windrow writes them need no thread, but where geometry or energy is to be evaluated', async (t) => {
  const nowhere = new URL('./no-such-module.ts', import.meta.url)
  const validator = createThreadValidator({ timeoutMs: 60_000, size: 1, evaluationModule: nowhere })
  t.after(() => validator.close())
  const { key, configurationDigest, attributes, nTurbines } = exampleExpectation
  const identity = {
    key: key!,
    configurationDigest: configurationDigest!,
    attributes: attributes!,
    nTurbines: nTurbines!,
  }
  const verdicts = await Promise.all([
    validator.validate(bytes, identity),
    validator.validate(bytes, { ...identity, nTurbines: 7 }),
    validator.validate(bytes.with(700, bytes[700]! ^ 1), identity),
    validator.validate(new Uint8Array(0), identity),
  ])
  assert.deepEqual(verdicts.map(reasonOf), ['accepted', 'wrong-turbine-count', 'unreadable', 'empty'])
})

test('a thread that cannot start is an error, not a verdict on the file', async (t) => {
  const nowhere = new URL('./no-such-module.ts', import.meta.url)
  const validator = createThreadValidator({ timeoutMs: 60_000, size: 1, evaluationModule: nowhere })
  t.after(() => validator.close())
  await assert.rejects(validator.validate(bytes, exampleExpectation), { code: 'PROCESS_FAILED' })
})

test('closing fails what is still being validated', async () => {
  const validator = createThreadValidator({ timeoutMs: 60_000, size: 1, evaluationModule })
  const running = assert.rejects(validator.validate(bytes, misbehaving('loop')), { code: 'PROCESS_FAILED' })
  const waiting = assert.rejects(validator.validate(bytes, exampleExpectation), { code: 'PROCESS_FAILED' })
  await validator.close()
  await Promise.all([running, waiting])
  await assert.rejects(validator.validate(bytes, exampleExpectation), /closed/)
})

test('idle threads do not keep a process alive', async () => {
  const code = `
    const { createThreadValidator } = await import(process.argv[1])
    const validator = createThreadValidator({ timeoutMs: 60_000, size: 2, evaluationModule: new URL(process.argv[2]) })
    const { bytes } = JSON.parse(process.argv[3])
    console.log((await validator.validate(Uint8Array.from(bytes), {})).reason)`
  const module = new URL('./thread-validator.ts', import.meta.url).href
  // Nothing behind a superblock of h5py's kind: for libhdf5, and so for a thread.
  const superblock = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0, 0, 8, 8]
  const bytes = [...superblock, ...new Uint8Array(600)]
  const args = ['--input-type=module', '-e', code, module, evaluationModule.href, JSON.stringify({ bytes })]
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 })
  assert.equal(stdout.trim(), 'unreadable')
})
