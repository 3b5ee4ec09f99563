import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { refusalReasons } from '../results/verdict.ts'
import { errorCatalogue } from './catalogue.ts'

const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')

test('docs/errors.md says of every code what the catalogue says, and of no other', () => {
  const documented = tableRows(/^[A-Z][A-Z_]+$/).map(([code, meaning, next, passes]) => [
    code,
    { meaning, next, passes },
  ])
  const catalogued = Object.entries(errorCatalogue).map(([code, { meaning, next, transient }]) => {
    return [code, { meaning, next, passes: transient ? 'passes' : '' }]
  })
  assert.equal(documented.length, catalogued.length, 'one row a code')
  assert.deepEqual(Object.fromEntries(documented), Object.fromEntries(catalogued))
})

test('docs/errors.md has the reasons of a refusal in the order of the checks', () => {
  const documented = tableRows(/^[a-z0-9-]+$/).map(([reason]) => reason)
  assert.deepEqual(documented, [...refusalReasons])
})

/** The cells of every table row whose first cell is `code` of this form. */
function tableRows(form: RegExp): string[][] {
  return page
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
    .map(([first = '', ...rest]) => [first.replaceAll('`', ''), ...rest])
    .filter(([first = '']) => form.test(first))
}
