import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { reportTests } from './testing/report-tests.mjs'

/**
 * Runs all tests, or those in the files named on the command line (`npm test -- 'packages/common/store/*.test.ts'`).
 * With WINDROW_TEST_NO_SKIPS=1 a skipped test is a failure.
 */
const named = process.argv.slice(2)
// Compiling a service takes longer than most tests do: what one process has compiled is there for all that follow.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url))
const stream = run({
  cwd: fileURLToPath(new URL('..', import.meta.url)),
  globPatterns: named.length > 0 ? named : ['{apps,packages,test}/**/*.test.ts'],
  // Two cores: the end-to-end tests wait for much of their time.
  concurrency: 3,
  timeout: 600_000,
  execArgv: ['--import', new URL('testing/end-leaking-file.mjs', import.meta.url).href],
})
const skipsAllowed = process.env.WINDROW_TEST_NO_SKIPS !== '1'
const succeeded = await reportTests(stream, { skipsAllowed, write: (text) => process.stdout.write(text) })
process.exitCode = succeeded ? 0 : 1
