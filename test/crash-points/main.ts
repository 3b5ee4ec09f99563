import { parseArgs } from 'node:util'
import { crashModes } from './modes.ts'
import { boundMs, planFirings } from './plan-firings.ts'
import { runMatrix } from './run-matrix.ts'

/** `npm run crash-points -- [--seed 1] [--modes 3]`: stops producer, worker and merger at every point, in every mode, and prints what came of it. */
const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, modes: { type: 'string', default: String(crashModes.length) } },
})
const [seed, modesEach] = [Number(values.seed), Number(values.modes)]
if (!Number.isInteger(seed) || ![1, 2, 3].includes(modesEach)) {
  console.error('--seed is a whole number, --modes one from 1 to 3')
  process.exit(1)
}

const beganAt = performance.now()
const seconds = () => ((performance.now() - beganAt) / 1000).toFixed(1)
const firings = planFirings({ seed, modesEach })
const report = await runMatrix(firings, (line) => console.log(`${seconds()} s  ${line}`))
const { unfired, unlisted, unexplained, faults, settledAfterMs } = report
for (const fault of unfired) console.log(`not brought about: ${fault}`)
for (const fault of unlisted) console.log(`not in the catalogue: ${fault}`)
for (const fault of [...unexplained, ...faults]) console.log(`fault: ${fault}`)
const isSlow = settledAfterMs > boundMs
if (isSlow) console.log(`fault: settled ${settledAfterMs} ms after the last crash, the policy allows ${boundMs} ms`)
const total = unfired.length + unlisted.length + unexplained.length + faults.length + Number(isSlow)
console.log(
  `${firings.length} crashes at ${firings.length / modesEach} points (seed ${seed}) in ${seconds()} s, ${total} faults`,
)
process.exit(total === 0 ? 0 : 1)
