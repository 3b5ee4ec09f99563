import { globSync } from 'node:fs'
import { resolve } from 'node:path'
import { run } from 'node:test'
import { fileURLToPath } from 'node:url'
import { reportTests } from './testing/report-tests.mjs'
import { shareS3Server } from './testing/shared-s3.mjs'

/**
 * Runs all tests, or those in the files named on the command line (`npm test -- 'packages/common/store/*.test.ts'`).
 * With WINDROW_TEST_NO_SKIPS=1 a skipped test is a failure.
 */
const named = process.argv.slice(2)
const cwd = fileURLToPath(new URL('..', import.meta.url))
const files = globSync(named.length > 0 ? named : ['{apps,packages,test}/**/*.test.ts'], { cwd })
  .map((file) => resolve(cwd, file))
  .sort()
// Compiling a service takes longer than most tests do: what one process has compiled is there for all that follow.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/node', import.meta.url))
const stopS3Server = await shareS3Server(files)
const stream = run({
  cwd,
  files,
  // Two cores: the end-to-end tests wait for much of their time.
  concurrency: 3,
  timeout: 600_000,
  execArgv: ['--import', new URL('testing/end-leaking-file.mjs', import.meta.url).href],
})
const skipsAllowed = process.env.WINDROW_TEST_NO_SKIPS !== '1'
const succeeded = await reportTests(stream, { skipsAllowed, write: (text) => process.stdout.write(text) })
await stopS3Server()
process.exitCode = succeeded ? 0 : 1
