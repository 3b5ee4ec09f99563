import { mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Field } from './field.ts'
import { reportText } from './report.ts'
import { chaosSkipReason } from './requirements.ts'
import { runChaos } from './run-chaos.ts'

/**
 * `npm run chaos -- [--configurations 3000] [--doses 1] [--minutes 45] [--seed 1] [--output FOLDER] [--untimed] [--quiet]`: a sweep
 * under every kind of fault. Ends with status 0 when every invariant holds and every kind of fault was given. Needs root, for a small disk.
 */
const { values } = parseArgs({
  options: {
    configurations: { type: 'string', default: '3000' },
    /** Faults, as a part of those that 3,000 configurations are given; by default in proportion. */
    doses: { type: 'string' },
    minutes: { type: 'string', default: '45' },
    seed: { type: 'string', default: '1' },
    /** Where journal, logs, store and report stay. */
    output: { type: 'string' },
    /** For a machine that does other work as well: that everything settles is judged, and not how soon. */
    untimed: { type: 'boolean', default: false },
    /** Says nothing while it runs. */
    quiet: { type: 'boolean', default: false },
  },
})
const [configurations, minutes, seed] = [values.configurations, values.minutes, values.seed].map(Number) as [
  number,
  number,
  number,
]
const doses = values.doses === undefined ? configurations / 3000 : Number(values.doses)
if (![configurations, minutes, doses].every((number) => number > 0) || !Number.isInteger(seed)) {
  console.error('--configurations, --doses and --minutes are numbers above 0, --seed is a whole one')
  process.exit(1)
}
const impossible = await chaosSkipReason()
if (impossible !== undefined) {
  console.error(`chaos: ${impossible.replace('skipped: ', '')}`)
  process.exit(1)
}
const folder = resolve(values.output ?? join(tmpdir(), `windrow-chaos-${seed}-${process.pid}`))
mkdirSync(folder, { recursive: true, mode: 0o755 })

const stopping = new AbortController()
let field: Field | undefined
const endNow = (status: number) => {
  field?.abandon()
  process.exit(status)
}
process.on('SIGINT', () => endNow(130))
process.on('SIGTERM', () => endNow(143))
// A fifth of the time is for settling and checking; whatever happens, it is over after the rest.
setTimeout(() => stopping.abort(new Error('out of time')), minutes * 48_000).unref()
setTimeout(() => {
  console.error('chaos: not over in time')
  endNow(3)
}, minutes * 60_000).unref()

const again = `npm run chaos -- --configurations ${configurations} --doses ${doses} --minutes ${minutes} --seed ${seed}`
try {
  const say = (line: string) => values.quiet || console.log(line)
  const onField = (prepared: Field) => {
    field = prepared
  }
  const { verdicts, rows, leftBehind, seconds, passed } = await runChaos({
    ...{ seed, configurations, doses, folder, say, onField, untimed: values.untimed },
    signal: stopping.signal,
  })
  const head = `Chaos, seed ${seed}, ${Math.round(seconds)} s; ${leftBehind} processes left behind.`
  const report = reportText(rows, verdicts, head)
  writeFileSync(join(folder, 'report.md'), report)
  writeFileSync(
    join(folder, 'report.json'),
    JSON.stringify({ seed, configurations, doses, seconds, passed, leftBehind, rows, ...verdicts }),
  )
  console.log(report)
  console.log(`Journal, logs and store: ${folder}`)
  if (!passed) console.log(`To repeat it: ${again}`)
  process.exitCode = passed && !stopping.signal.aborted ? 0 : 1
} catch (error) {
  console.error(error)
  console.error(`Journal and logs: ${folder}\nTo repeat it: ${again}`)
  process.exitCode = 1
}
