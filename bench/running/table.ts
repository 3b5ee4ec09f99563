import { type Column, formatTable } from '../../apps/cli/output/table.ts'
import type { Medians } from './bench.ts'

export interface Row {
  readonly what: string
  /** Names of figures, or text that stands as it is (`= ...`). */
  readonly cells: readonly string[]
}

/** A table of medians: the first column says what, the others show figures by name. */
export function medianTable(headers: readonly string[], rows: readonly Row[], medians: Medians): string {
  const columns: Column[] = headers.map((header, place) => ({ header, align: place === 0 ? 'left' : 'right' }))
  return formatTable(
    columns,
    rows.map(({ what, cells }) => [what, ...cells.map((cell) => shown(cell, medians))]),
  )
}

/** A figure with its range over the runs: `1.21 (1.18..1.30)`. */
export function withRange(name: string, medians: Medians): string {
  const figure = medians[name]
  if (!figure) return '-'
  const range = figure.least === figure.most ? '' : ` (${short(figure.least)}..${short(figure.most)})`
  return `${short(figure.median)}${range}`
}

/** `met` or `MISSED`, by the median. */
export function verdictOn(name: string, goal: { atLeast?: number; atMost?: number }, medians: Medians): string {
  const value = medians[name]?.median ?? Number.NaN
  const met = value >= (goal.atLeast ?? -Infinity) && value <= (goal.atMost ?? Infinity)
  const wanted = goal.atLeast === undefined ? `at most ${goal.atMost}` : `at least ${short(goal.atLeast)}`
  return `goal ${wanted}: ${met ? 'met' : 'MISSED'}`
}

function shown(cell: string, medians: Medians): string {
  if (cell.startsWith('= ')) return cell.slice(2)
  return cell === '' ? '' : withRange(cell, medians)
}

/** Three significant digits, thousands apart. */
function short(value: number): string {
  if (!Number.isFinite(value)) return '-'
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en')
  return Number(value.toPrecision(3)).toString()
}
