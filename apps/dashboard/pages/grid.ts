import { outOf } from '@windrow/common/status/counts.ts'
import type { StateWord } from '@windrow/common/status/state-words.ts'
import type { Cell, SweepOverview } from '../reading/overview.ts'
import { type Html, html } from './html.ts'

/** What is done comes first, what is still to come last. */
const wordsInOrder: readonly StateWord[] = [
  'committed',
  'running',
  'retrying',
  'quarantined',
  'dead',
  'pending',
  'cancelled',
]

/** The states of which there is something, in order; always those that are committed. */
export function presentWords(counts: SweepOverview['counts']): StateWord[] {
  return wordsInOrder.filter((word) => counts[word] > 0 || word === 'committed')
}

const cellSize = 14
const pitch = cellSize + 2

/**
 * One cell a configuration, coloured by its state; what is dead or quarantined carries a mark as well. The cells are
 * links for the mouse; to a keyboard and a screen reader the drawing is one thing that says its counts.
 */
export function grid({ sweep, grid: drawn, counts, total }: SweepOverview): Html | undefined {
  if (!drawn) return undefined
  const { cells, columns } = drawn
  const width = columns * pitch - 2
  const height = Math.ceil(cells.length / columns) * pitch - 2
  const label = `${sweep}, one cell a configuration: ${describeCounts(counts, total)}`
  return html`<svg class="grid" role="img" aria-label="${label}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">${cells.map(
    (cell, index) => cellLink(cell, { sweep, x: (index % columns) * pitch, y: Math.floor(index / columns) * pitch }),
  )}</svg>`
}

/** The states of a sweep as the parts of one bar. */
export function proportions({ counts, total }: SweepOverview): Html {
  let x = 0
  const parts = presentWords(counts).map((word) => {
    const width = (1000 * counts[word]) / total
    const part = html`<rect class="${word}" x="${x.toFixed(2)}" y="0" width="${width.toFixed(2)}" height="10"/>`
    x += width
    return part
  })
  return html`<svg class="bar" aria-hidden="true" viewBox="0 0 1000 10" preserveAspectRatio="none">${parts}</svg>`
}

/** A cell beside its word. */
export function swatch(word: StateWord): Html {
  return html`<svg class="swatch" aria-hidden="true" width="${cellSize}" height="${cellSize}" viewBox="0 0 ${cellSize} ${cellSize}">${shape(word, 0, 0)}</svg>`
}

function cellLink({ key, word }: Cell, { sweep, x, y }: { sweep: string; x: number; y: number }): Html {
  const href = `/sweeps/${encodeURIComponent(sweep)}/${encodeURIComponent(key)}`
  return html`<a href="${href}" tabindex="-1" aria-hidden="true"><title>${key}: ${word}</title>${shape(word, x, y)}</a>`
}

/** Colour alone does not tell: a cross for the dead, a dot for the quarantined. */
function shape(word: StateWord, x: number, y: number): Html {
  const square = html`<rect class="${word}" x="${x}" y="${y}" width="${cellSize}" height="${cellSize}" rx="3"/>`
  if (word === 'dead') return html`${square}<path class="sign" d="M${x + 4} ${y + 4}l6 6m0-6l-6 6"/>`
  if (word === 'quarantined') return html`${square}<circle class="sign" cx="${x + 7}" cy="${y + 7}" r="2.5"/>`
  return square
}

const describeCounts = (counts: SweepOverview['counts'], total: number) =>
  presentWords(counts)
    .map((word) => `${outOf(counts[word], total)} ${word}`)
    .join(', ')
