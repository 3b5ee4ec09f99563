import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const passing = `test('adds', () => {})\ndescribe('a suite', () => { test('inside', () => {}) })`

test('counts tests, not suites, and succeeds', async () => {
  const { status, lastLine } = await runTests({ 'a.test.ts': passing })
  assert.equal(lastLine, '2 passed, 0 failed')
  assert.equal(status, 0)
})

test('prints a failure in full, once, and what its file printed, and fails', async () => {
  const { status, lastLine, output } = await runTests({
    'a.test.ts': passing,
    'b.test.ts': `describe('suite', () => { test('bears weight', async (t) => {
      console.log('said on the way')
      await t.test('of ten tonnes', () => assert.deepEqual({ weight: 9 }, { weight: 10 }))
    }) })`,
  })
  assert.match(output, /✖ of ten tonnes\n.*b\.test\.ts:\d+\n[\s\S]*weight: 9/)
  assert.match(output, /said on the way/)
  assert.equal(lastLine, '2 passed, 1 failed')
  assert.equal(status, 1)
})

test('a file that crashes before its tests is a failure', async () => {
  const { status, lastLine, output } = await runTests({
    'a.test.ts': passing,
    'b.test.ts': `throw new Error('no harbour')`,
  })
  assert.match(output, /no harbour/)
  assert.equal(lastLine, '2 passed, 1 failed')
  assert.equal(status, 1)
})

test('tests of a shared suite are counted with the file that runs them', async () => {
  const { lastLine, output } = await runTests({
    'suite.ts': `export const suite = () => describe('suite', () => { test('shared', () => {}) })`,
    'a.test.ts': `import { suite } from './suite.ts'\nsuite()`,
    'b.test.ts': `import { suite } from './suite.ts'\nsuite()`,
  })
  assert.match(output, /a\.test\.ts: 1 passed .*\n.*b\.test\.ts: 1 passed/)
  assert.equal(lastLine, '2 passed, 0 failed')
})

const withSkip = { 'a.test.ts': `${passing}\ntest('reads', { skip: 'skipped: there is no h5py' }, () => {})` }

test('names skipped tests with their reason and counts them', async () => {
  const { status, lastLine, output } = await runTests(withSkip)
  assert.match(output, /- reads \(.*a\.test\.ts\)\n +skipped: there is no h5py/)
  assert.equal(lastLine, '2 passed, 0 failed, 1 skipped')
  assert.equal(status, 0)
})

test('a skipped test fails where none may be skipped', async () => {
  const { status, lastLine } = await runTests(withSkip, { WINDROW_TEST_NO_SKIPS: '1' })
  assert.equal(lastLine, '2 passed, 1 failed')
  assert.equal(status, 1)
})

test('a skipped suite counts as skipped', async () => {
  const { status, lastLine, output } = await runTests({
    'a.test.ts': `${passing}\ndescribe('ships', { skip: 'skipped: there is no harbour' }, () => { test('sails', () => {}) })`,
  })
  assert.match(output, /- ships \(.*a\.test\.ts\)\n +skipped: there is no harbour/)
  assert.equal(lastLine, '2 passed, 0 failed, 1 skipped')
  assert.equal(status, 0)
})

test('finding no test at all is no success', async () => {
  const { status, lastLine } = await runTests({})
  assert.equal(lastLine, '0 passed, 0 failed')
  assert.equal(status, 1)
})

/** Runs scripts/test.mjs over test files of these contents. */
async function runTests(files: Record<string, string>, environment: NodeJS.ProcessEnv = {}) {
  const folder = await temporaryFolder()
  const imports = `import assert from 'node:assert/strict'\nimport { describe, test } from 'node:test'\nvoid assert\nvoid describe\nvoid test\n`
  for (const [name, code] of Object.entries(files)) await writeFile(join(folder, name), imports + code)
  const script = fileURLToPath(new URL('../../scripts/test.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, join(folder, '*.test.ts')], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, 'exit')])
  return { status, output, lastLine: output.trimEnd().split('\n').at(-1) }
}
