import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'
import { formatBytes } from '@windrow/common/status/counts.ts'
import type { ConfigurationDetails } from '../reading/configuration.ts'
import { type Frame, framed } from './frame.ts'
import { swatch } from './grid.ts'
import { type Html, html } from './html.ts'
import { formatElapsed, timeElement } from './time.ts'

/** One configuration: its state, why it died, every attempt, the log, the evidence, and how to run it here and now. */
export function configurationPage(details: ConfigurationDetails, frame: Omit<Frame, 'title'>): string {
  const { sweep, key, word, fields } = details
  return framed(
    { ...frame, title: `${key} · ${sweep}` },
    html`<p class="faint"><a href="/#${sweep}">${sweep}</a></p>
<div class="title"><h1>${key}</h1> <p class="state">${swatch(word)} ${word}</p></div>
<dl class="facts">${Object.entries(fields).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${deaths(details)}
<h2>Run it here and now</h2>
<pre class="command"><code>windrow optimize ${sweep} ${key}</code></pre>
${attemptTable(details)}
${logSection(details)}
${evidenceSection(details)}`,
  )
}

/** Every epoch that died, and who opened the next. */
function deaths({ deadLetters, reopenings }: ConfigurationDetails): Html | undefined {
  if (deadLetters.length + reopenings.length === 0) return undefined
  return html`<h2>Dead letters</h2>
<ul class="events">${deadLetters.map(
    (letter) =>
      html`<li><strong>${letter.code}</strong> after ${letter.attempts} ${letter.attempts === 1 ? 'attempt' : 'attempts'} of epoch ${letter.epoch}, ${timeElement(letter.at)} on ${letter.host}<pre>${letter.message}</pre></li>`,
  )}${reopenings.map(
    ({ epoch, by, reason, at }) =>
      html`<li>Epoch ${epoch} is over, ${timeElement(at)}, by ${by}: ${reason}. Epoch ${epoch + 1} has all attempts again.</li>`,
  )}</ul>`
}

function attemptTable({ attempts, attemptsInAll, budget }: ConfigurationDetails): Html {
  if (attempts.length === 0) return html`<h2>Attempts</h2>\n<p>None yet; it may have ${budget}.</p>`
  return html`<h2>Attempts</h2>
<p class="faint">${attempts.length} of ${attemptsInAll} shown, the newest first; at most ${budget} an epoch.</p>
<div class="wide" role="region" aria-label="Attempts" tabindex="0"><table>
<thead><tr><th scope="col">Epoch</th><th scope="col">Attempt</th><th scope="col">Outcome</th><th scope="col">Started</th><th scope="col">Took</th><th scope="col">Memory</th><th scope="col">Host</th><th scope="col">Log</th></tr></thead>
<tbody>${attempts.map(attemptRow)}</tbody></table></div>`
}

function attemptRow(attempt: AttemptRecord): Html {
  const { epoch, number, outcome, code, message, startedAt, endedAt, peakMemoryBytes, host, worker } = attempt
  const tookMs = Date.parse(endedAt) - Date.parse(startedAt)
  return html`<tr><td>${epoch}</td><td>${number}</td>
<td><strong class="${outcome === 'valid' ? 'good' : 'bad'}">${outcome}</strong>${code !== undefined && html` ${code}`}${
    message !== undefined && html`<div class="message">${message}</div>`
  }</td>
<td>${timeElement(startedAt)}</td><td class="brief">${formatElapsed(tookMs)}</td><td class="brief">${peakMemoryBytes ? formatBytes(peakMemoryBytes) : ''}</td>
<td title="${worker}">${host}</td><td><a href="${logAddress(attempt)}" aria-label="Log of attempt ${number} of epoch ${epoch}">log</a></td></tr>`
}

function logSection({ log }: ConfigurationDetails): Html | undefined {
  if (!log) return undefined
  const { attempt, text, cut } = log
  return html`<h2>Log</h2>
<p class="faint">Of attempt ${attempt.number} of epoch ${attempt.epoch}${cut && ', its end'}. <a href="${logAddress(attempt)}">The whole log</a></p>
<pre class="log" role="region" aria-label="Log" tabindex="0">${text}</pre>`
}

function evidenceSection({ evidence }: ConfigurationDetails): Html | undefined {
  if (evidence.length === 0) return undefined
  return html`<h2>Quarantine</h2>
<ul class="events">${evidence.map(
    (found) =>
      html`<li><strong>${found.reason}</strong>: ${found.detail}
<dl class="facts"><div><dt>from</dt><dd>${found.source === 'output' ? 'the output of an attempt' : 'a commit found damaged'}, epoch ${found.epoch}</dd></div>
<div><dt>host</dt><dd>${found.host}</dd></div><div><dt>at</dt><dd>${timeElement(found.at)}</dd></div>
<div><dt>bytes</dt><dd>${formatBytes(found.bytes)}</dd></div><div><dt>SHA-256</dt><dd><code>${found.sha256}</code></dd></div>
<div><dt>kept at</dt><dd><code>${found.address}</code></dd></div><div><dt>reproduce</dt><dd><code>${found.reproduce}</code></dd></div></dl></li>`,
  )}</ul>`
}

const logAddress = ({ sweep, key, epoch, attempt }: AttemptRecord) =>
  `/sweeps/${encodeURIComponent(sweep)}/${encodeURIComponent(key)}/${epoch}-${encodeURIComponent(attempt)}.log`
