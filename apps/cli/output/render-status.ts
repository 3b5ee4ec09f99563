import { fileURLToPath } from 'node:url'
import { describePause } from '@windrow/common/accounting/pause.ts'
import { describeSetAside } from '@windrow/common/accounting/set-aside.ts'
import { counted, formatBytes, grouped, outOf } from '@windrow/common/status/counts.ts'
import type { Explanation, FailureGroup } from '@windrow/common/status/group-failures.ts'
import type { SweepStatus } from '@windrow/common/status/sweep-status.ts'
import { formatDurationRange } from './durations.ts'
import { formatFacts } from './table.ts'
import type { Terminal } from './terminal.ts'

type Style = Terminal['style']

/** The status of a sweep as text for people. */
export function renderStatus(status: SweepStatus, style: Style): string {
  const { sweep, total, counts, source } = status
  const heading = `${style('strong', sweep)}: ${outOf(counts.committed, total)} committed`
  const origin = source === 'ledger' ? 'live, from Redis' : 'from the store alone: no services are looked at'
  return [
    `${heading} ${style('faint', `(${origin})`)}\n`,
    ...(status.paused ? [`${style('warning', describePause(status.paused))}\n`] : []),
    ...pauseExample(status, style),
    ...status.setAside.map((host) => `${style('warning', describeSetAside(host))}\n`),
    ...status.warnings.map((warning) => `${style('warning', 'warning:')} ${warning}\n`),
    '\n',
    formatFacts([...stateFacts(status, style), ...progressFacts(status)]),
    renderFailures(status, style),
    '\n',
    formatFacts(fileFacts(status, style)),
    nextStep(status),
  ].join('')
}

/** Of a sweep that paused itself. */
function pauseExample({ paused }: SweepStatus, style: Style): string[] {
  if (!paused?.example) return []
  const { key, host, code, message } = paused.example
  return [`${style('faint', `  such as ${key} on ${host}: ${code}: ${shortened(message)}`)}\n`]
}

function stateFacts({ counts, total }: SweepStatus, style: Style): [string, string][] {
  const marks = { committed: 'good', quarantined: 'bad', dead: 'bad', retrying: 'warning' } as const
  return Object.entries(counts).map(([word, count]) => {
    const mark = count > 0 ? Reflect.get(marks, word) : 'faint'
    const text = outOf(count, total)
    return [word, mark === undefined ? text : style(mark, text)]
  })
}

function progressFacts({ attempts, rate }: SweepStatus): [string, string][] {
  const counting = attempts.spent === undefined ? '' : `${grouped(attempts.spent)} counted now, `
  const budget = `at most ${counted(attempts.budget, 'attempt')} a configuration`
  const facts: [string, string][] = [
    ['attempts', `${counting}${grouped(attempts.recorded)} recorded in all; ${budget}`],
  ]
  if (!rate) return facts
  facts.push(['rate', `${rate.perMinute.toPrecision(3)} configurations a minute`])
  const { lowMs, highMs } = rate
  const rest = lowMs === undefined || highMs === undefined ? 'not known yet' : formatDurationRange({ lowMs, highMs })
  facts.push(['time left', rest])
  return facts
}

function renderFailures({ failures, total }: SweepStatus, style: Style): string {
  if (failures.count === 0) return ''
  const retried = failures.count - failures.dead
  const summary = `${outOf(failures.count, total)} configurations: ${failures.dead} given up, ${retried} to be tried again`
  return [
    `\n${style('bad', 'failures')}  ${summary}\n`,
    formatFacts([
      ...failures.byCause.map((group): [string, string] => ['  cause', groupText(group)]),
      ...failures.byHost.map((group): [string, string] => ['  host', `${group.name}: ${outOf(group.count, group.of)}`]),
      ...failures.byAxis.map((explanation): [string, string] => ['  axis', explanationText(explanation)]),
    ]),
  ].join('')
}

function groupText({ name, count, of, example }: FailureGroup): string {
  return `${name}: ${outOf(count, of)}, such as ${example.key}: ${shortened(example.message)}`
}

function explanationText({ field, value, failures, ofFailures, ofTried }: Explanation): string {
  return `${field}=${value}: ${outOf(failures, ofFailures)} failures; ${outOf(failures, ofTried)} tried with it failed`
}

function fileFacts(status: SweepStatus, style: Style): [string, string][] {
  const { generation, complete, selected, cancelledOfSelected, total, tolerance, store } = status
  const facts: [string, string][] = []
  if (generation) {
    const { number, merged, expected, file, bytes } = generation
    const kind = generation.complete ? style('good', 'complete') : style('warning', 'partial')
    facts.push(['generation', `${number}, ${kind}: ${outOf(merged, expected)} merged (${formatBytes(bytes)})`])
    facts.push(['file', file.startsWith('file:') ? fileURLToPath(file) : file])
  } else facts.push(['generation', 'none yet: nothing has been merged'])
  // While work is open that is how it should be.
  if (status.mergeDue && openOf(status) === 0)
    facts.push(['', style('warning', 'a merge of all that is committed is due')])
  facts.push(['store', store])
  if (selected < total) facts.push(['selected', `${outOf(selected, total)} configurations`])
  if (cancelledOfSelected > 0) facts.push(['', style('warning', `${outOf(cancelledOfSelected, selected)} cancelled`)])
  const verdict = complete ? style('good', 'yes') : style('warning', 'no')
  const may = `${counted(tolerance.allowed, 'configuration')} may be missing`
  facts.push([
    'complete',
    tolerance.allowed > 0 ? `${verdict} (${may}, by the tolerance of ${tolerance.declared})` : verdict,
  ])
  return facts
}

function nextStep(status: SweepStatus): string {
  const { sweep, failures, complete, mergeDue, source } = status
  const open = openOf(status)
  if (complete) return ''
  if ((status.paused || status.setAside.length > 0) && open > 0) return `\nnext: windrow resume ${sweep}\n`
  if (failures.dead > 0 && open === 0) return `\nnext: windrow rerun ${sweep}\n`
  if (status.cancelledOfSelected > 0 && open === 0 && !mergeDue) return `\nnext: windrow resume ${sweep} --all\n`
  return (open > 0 || mergeDue) && source === 'store' ? `\nnext: windrow resume ${sweep}\n` : ''
}

const openOf = ({ counts }: SweepStatus) => counts.pending + counts.running + counts.retrying

const shortened = (text: string) => {
  const line = text.split('\n', 1)[0]!
  return line.length > 100 ? `${line.slice(0, 99)}…` : line
}
