import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { readMutant, readMutants } from './mutant.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const mutants = await readMutants(join(root, 'test/mutants/patches'))

/** A test file, and the contract suites that it runs, and those that they are made of. */
function textOf(file: string): string {
  const own = readFileSync(join(root, file), 'utf8')
  const suites = Array.from(own.matchAll(/\/([\w-]+\.contract\.ts)'/g), ([, suite]) => suite!)
  return [own, ...suites.map((suite) => textOf(join('test/contracts', suite)))].join('\n')
}

describe('the planted bugs', () => {
  it('apply to the tree as it is', async () => {
    const failures = await Promise.all(
      mutants.map(({ path }) =>
        promisify(execFile)('git', ['apply', '--check', path], { cwd: root }).then(
          () => [],
          (error: Error) => [error.message],
        ),
      ),
    )
    assert.deepEqual(failures.flat(), [])
  })

  it('name tests that exist', () => {
    for (const { name, catchers } of mutants) {
      for (const { file, test } of catchers) {
        assert.match(file, /\.test\.ts$/, name)
        assert.ok(existsSync(join(root, file)), `${name} names ${file}`)
        if (test !== undefined) assert.ok(textOf(file).includes(test), `${name} names "${test}"`)
      }
    }
  })

  it('change the product alone, each in a way of its own', () => {
    assert.ok(mutants.length >= 20)
    assert.equal(new Set(mutants.map(({ name }) => name)).size, mutants.length)
    for (const { name, changes } of mutants) {
      for (const file of changes) assert.match(file, /^(apps|packages)\/(?!.*\.test\.ts$)/, name)
    }
  })

  it('are all in the table of docs/reliability.md, and nothing else is', () => {
    const page = readFileSync(join(root, 'docs/reliability.md'), 'utf8')
    const [, section = ''] = page.split(/^## The checks are checked$/m)
    const rows = Array.from(
      section.split(/^## /m)[0]!.matchAll(/^\| `([a-z0-9-]+)` \| (.+?) \|/gm),
      ([, name, bug]) => ({ name, bug }),
    )
    assert.deepEqual(
      rows,
      mutants.map(({ name, bug }) => ({ name, bug })),
    )
  })
})

describe('a patch', () => {
  const diff = 'diff --git a/apps/x.ts b/apps/x.ts\n--- a/apps/x.ts\n+++ b/apps/x.ts\n@@ -1 +1 @@\n-a\n+b\n'

  it('says what the bug is, and which tests must catch it', () => {
    const header = 'Bug: Nobody looks.\nCaught by: a.test.ts\nCaught by: b.test.ts > looks twice\n\n'
    assert.deepEqual(readMutant('01-blind.patch', header + diff), {
      name: 'blind',
      bug: 'Nobody looks.',
      catchers: [{ file: 'a.test.ts' }, { file: 'b.test.ts', test: 'looks twice' }],
      path: '01-blind.patch',
      changes: ['apps/x.ts'],
    })
  })

  it('is none without that', () => {
    assert.throws(() => readMutant('01-blind.patch', diff), /is no planted bug/)
    assert.throws(() => readMutant('01-blind.patch', `Bug: Nobody looks.\n\n${diff}`), /is no planted bug/)
    assert.throws(() => readMutant('01-blind.patch', 'Bug: Nobody looks.\nCaught by: a.test.ts\n'), /is no planted bug/)
  })
})
