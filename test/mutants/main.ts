import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { catchMutants } from './catch-mutants.ts'
import { type Mutant, readMutants } from './mutant.ts'
import { resultTable, summaryOf } from './result-table.ts'
import { copyTree } from './tree-copy.ts'

/**
 * `npm run mutants -- [--only NAME]...`: plants one bug after the other in a copy of the tree, and runs the tests that must
 * catch it there. Status 1 when a bug survives, or a patch tells nothing.
 */
const { values } = parseArgs({ options: { only: { type: 'string', multiple: true } } })
const root = fileURLToPath(new URL('../..', import.meta.url))
const mutants = selected(await readMutants(fileURLToPath(new URL('patches', import.meta.url))), values.only)
if (mutants === undefined) {
  console.error(`--only names no bug of test/mutants/patches: ${values.only?.join(', ')}`)
  process.exit(1)
}

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
const began = performance.now()
const copy = await copyTree(root)
try {
  const outcomes = await catchMutants(mutants, { copy, signal: stop.signal, say: (line) => console.log(line) })
  console.log(`\n${resultTable(outcomes)}\n\n${summaryOf(outcomes)}`)
  console.log(`${outcomes.length} bugs in ${Math.round((performance.now() - began) / 1000)} s`)
  process.exitCode = outcomes.every(({ caught }) => caught) ? 0 : 1
} catch (error) {
  if (!stop.signal.aborted) throw error
  process.exitCode = 130
} finally {
  await copy.remove()
}

function selected(all: readonly Mutant[], only: readonly string[] | undefined): readonly Mutant[] | undefined {
  if (only === undefined) return all
  const found = all.filter(({ name }) => only.includes(name))
  return found.length === new Set(only).size ? found : undefined
}
