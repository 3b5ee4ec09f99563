import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { detectionTable, findingsOf } from './detection-table.ts'
import { joinReports, type TallyReport } from './tally.ts'

/** `npm run hostile-files -- [--count 10000] [--processes 2]`: validates so many damaged and forged files, and prints the table. */
const { values } = parseArgs({
  options: { count: { type: 'string', default: '10000' }, processes: { type: 'string', default: '2' } },
})
const [count, processes] = [Number(values.count), Number(values.processes)]
if (![count, processes].every((number) => Number.isInteger(number) && number > 0)) {
  console.error('--count and --processes are whole numbers of at least 1')
  process.exit(1)
}

const start = performance.now()
const parts = await Promise.all(Array.from({ length: processes }, (_, from) => runPart(from)))
const found = parts.filter((part) => part !== undefined)
const deaths = parts.length - found.length
if (found.length > 0) {
  const report = joinReports(found.map((part) => part.report))
  const opened = found.some((part) => part.opened)
  console.log(`${detectionTable(report)}\n\n${findingsOf(report, { opened, deaths })}`)
  console.log(`${count} mutants in ${Math.round((performance.now() - start) / 1000)} s`)
  const sound = report.silentlyWrong.length + report.leaks.length + report.disagreements.length === 0 && !opened
  process.exitCode = sound && deaths === 0 ? 0 : 1
} else {
  console.error(`all ${deaths} processes died`)
  process.exitCode = 1
}

/** undefined when the process died of a file. */
function runPart(from: number): Promise<{ report: TallyReport; opened: boolean } | undefined> {
  const script = fileURLToPath(new URL('mutants-process.ts', import.meta.url))
  const child = fork(script, [from, count, processes].map(String))
  return new Promise((resolve) => {
    child.on('message', (message: { report: TallyReport; opened: boolean }) => resolve(message))
    child.on('exit', () => resolve(undefined))
  })
}
