import { fileURLToPath } from 'node:url'
import { formatBytes, grouped, outOf } from '@windrow/common/status/counts.ts'
import type { OverviewEntry, SweepOverview } from '../reading/overview.ts'
import { type Frame, framed } from './frame.ts'
import { grid, presentWords, proportions, swatch } from './grid.ts'
import { type Html, html } from './html.ts'
import { timeElement } from './time.ts'

export interface FrontPage {
  readonly entries: readonly OverviewEntry[]
  readonly store: string
  /** Why what follows is from the store alone. */
  readonly trouble?: string | undefined
  readonly atMs: number
}

/** Every sweep with its counts and denominators, a cell for every configuration, and where the file is. */
export function frontPage({ entries, store, trouble, atMs }: FrontPage, frame: Omit<Frame, 'title'>): string {
  return framed(
    { ...frame, title: 'Sweeps' },
    html`<div class="title"><h1>Sweeps</h1> <p class="faint">${timeElement(atMs)} · <a href="/">Refresh</a></p></div>
<p class="faint">Store <code>${store}</code></p>
${trouble !== undefined && html`<p class="problem" role="status">${trouble} What follows is from the store alone.</p>`}
${entries.length === 0 && html`<p>No sweep is in this store yet. Submit one with <code>windrow run SPEC</code>.</p>`}
${entries.map(sweepSection)}`,
  )
}

function sweepSection(entry: OverviewEntry): Html {
  if ('unreadable' in entry) {
    return html`<section class="sweep" id="${entry.sweep}"><h2>${entry.sweep}</h2>
<p class="problem">This sweep cannot be read: ${entry.unreadable}</p></section>`
  }
  const { sweep, total, counts, source, submittedAt } = entry
  return html`<section class="sweep" id="${sweep}" aria-labelledby="${sweep}-name">
<div class="title"><h2 id="${sweep}-name">${sweep}</h2>
<p class="faint">submitted ${timeElement(submittedAt)} · ${source === 'ledger' ? 'live' : 'from the store alone'}</p></div>
<p class="headline"><strong>${outOf(counts.committed, total)}</strong> committed</p>
${proportions(entry)}
<ul class="legend">${presentWords(counts).map(
    (word) => html`<li>${swatch(word)} ${word} <span class="number">${outOf(counts[word], total)}</span></li>`,
  )}</ul>
${grid(entry)}
${deadList(entry)}
${fileLine(entry)}
<p><a href="/queues/queue/${encodeURIComponent(`windrow.${sweep}`)}">Queue of ${sweep}</a></p>
</section>`
}

function deadList({ sweep, dead, counts }: SweepOverview): Html | undefined {
  if (dead.length === 0) return undefined
  const more = counts.dead + counts.quarantined - dead.length
  return html`<h3>Dead and quarantined</h3>
<ul class="keys">${dead.map(
    ({ key, word }) =>
      html`<li>${swatch(word)} <a href="/sweeps/${encodeURIComponent(sweep)}/${encodeURIComponent(key)}">${key}</a> <span class="faint">${word}</span></li>`,
  )}${more > 0 && html`<li class="faint">and ${grouped(more)} more: <code>windrow missing ${sweep}</code></li>`}</ul>`
}

function fileLine({ file, open }: SweepOverview): Html {
  if (!file) {
    const when = open > 0 ? 'it is written when the open configurations are settled' : 'nothing has been merged'
    return html`<p class="file">No merged file yet: ${when}.</p>`
  }
  const { generation, complete, merged, expected, bytes, address } = file
  const path = address.startsWith('file:') ? fileURLToPath(address) : address
  return html`<p class="file">Generation ${generation}, <strong class="${complete ? 'good' : 'bad'}">${
    complete ? 'complete' : 'partial'
  }</strong>: ${outOf(merged, expected)} merged, ${formatBytes(bytes)}<br><code>${path}</code></p>`
}
