import { readSelection } from '@windrow/common/accounting/wanted.ts'
import { spentOfCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { toleranceOf } from '@windrow/common/merging/tolerance.ts'
import { countAskedFor } from '@windrow/common/status/asked-for.ts'
import { listAttempts } from '@windrow/common/status/attempts-in-store.ts'
import { outOf } from '@windrow/common/status/counts.ts'
import { type CurrentStates, readCurrentStates } from '@windrow/common/status/current-states.ts'
import { errorText, type Failure, readFailures } from '@windrow/common/status/failures.ts'
import { type StateWord, stateWord } from '@windrow/common/status/state-words.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { FieldValue } from '@windrow/common/sweep/plan.ts'
import { matches, parseSelector } from '@windrow/common/sweep/selector.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { csvLine } from '../output/csv.ts'
import { formatTable } from '../output/table.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface MissingOptions extends ContextFlags {
  readonly sweep: string
  readonly selector: readonly string[]
  readonly csv?: boolean
  readonly json?: boolean
}

interface MissingConfiguration {
  readonly key: string
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly state: StateWord
  readonly cause?: string
  readonly message?: string
  readonly attempts: number
}

/** `windrow missing SWEEP`: every configuration that is not committed. 0 when none is, or no more than the tolerance allows, else 2. */
export async function missingCommand(options: MissingOptions, surroundings: Surroundings): Promise<number> {
  const { terminal } = surroundings
  return await withContext(options, surroundings, async ({ store, redis }) => {
    const { plan, policy } = await createSweepReader(store).read(await findSweep(store, options.sweep))
    const selector = parseSelector(options.selector, plan.fieldNames)
    const states = await readCurrentStates({ store, ledger: redis.ledgerOf?.(plan.sweep) }, plan)
    const failures = await readFailures(store, { plan, states, attempts: await listAttempts(store, plan) })
    if (redis.failed) terminal.say(`warning: ${redis.why} The states are from the store alone.`)
    const missing = [...missingOf({ plan, states, failures })].filter(({ subject }) => matches(selector, subject))
    const rows = missing.map(({ row }) => row)
    if (options.json) {
      terminal.printJson({
        sweep: plan.sweep,
        source: states.source,
        missing: rows.length,
        of: plan.total,
        configurations: rows,
      })
    } else if (options.csv) printCsv(rows, plan, surroundings)
    else printTable(rows, plan, surroundings)
    const { allowed } = toleranceOf(policy.tolerance, plan.total)
    const { selected } = countAskedFor(states, await readSelection(store, plan))
    const short = selected - states.counts.committed
    return short <= allowed ? exitStatus.complete : exitStatus.incomplete
  })
}

interface Known {
  readonly plan: SweepPlan
  readonly states: CurrentStates
  readonly failures: ReadonlyMap<number, Failure>
}

function* missingOf({ plan, states, failures }: Known) {
  for (let index = 0; index < plan.total; index++) {
    const cell = states.cells[index]!
    const state = stateOfCell(cell)
    if (state === 'committed') continue
    const configuration = plan.at(index)
    const failure = failures.get(index)
    const row: MissingConfiguration = {
      key: configuration.key,
      fields: configuration.fields,
      state: stateWord(state),
      ...(failure && { cause: failure.cause, message: failure.message }),
      attempts: Math.max(spentOfCell(cell), failure?.attempts ?? 0),
    }
    yield { row, subject: { configuration, state, ...(failure && { error: errorText(failure) }) } }
  }
}

function printCsv(rows: readonly MissingConfiguration[], plan: SweepPlan, { terminal }: Surroundings): void {
  const fields = plan.fieldNames
  terminal.print(csvLine(['key', ...fields, 'state', 'attempts', 'cause', 'message']))
  for (const { key, fields: values, state, attempts, cause, message } of rows) {
    terminal.print(csvLine([key, ...fields.map((field) => values[field]), state, attempts, cause, message]))
  }
}

function printTable(rows: readonly MissingConfiguration[], plan: SweepPlan, { terminal }: Surroundings): void {
  terminal.print(
    `${outOf(rows.length, plan.total)} configurations of ${plan.sweep} are missing${rows.length > 0 ? ':' : '.'}\n`,
  )
  if (rows.length === 0) return
  const columns = ['key', 'state', 'attempts', 'cause'].map((header) => ({ header }))
  terminal.print(
    formatTable(
      columns,
      rows.map(({ key, state, attempts, cause = '' }) => [key, state, String(attempts), cause]),
    ),
  )
}
