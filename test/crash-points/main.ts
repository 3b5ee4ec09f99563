import { parseArgs } from 'node:util'
import { crashModes } from './modes.ts'
import { boundMs, planFirings } from './plan-firings.ts'
import { runMatrix } from './run-matrix.ts'

/** `npm run crash-points -- [--seed 1] [--modes 3] [--parts 1]`: stops producer, worker and merger at every point (or one of so many parts of them), in every mode, and prints what came of it. */
const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    modes: { type: 'string', default: String(crashModes.length) },
    parts: { type: 'string', default: '1' },
  },
})
const [seed, modesEach, parts] = [Number(values.seed), Number(values.modes), Number(values.parts)]
if (!Number.isInteger(seed) || seed < 0 || ![1, 2, 3].includes(modesEach) || !Number.isInteger(parts) || parts < 1) {
  console.error('--seed is a whole number, --modes one from 1 to 3, --parts a whole number from 1')
  process.exit(1)
}

const beganAt = performance.now()
const seconds = () => ((performance.now() - beganAt) / 1000).toFixed(1)
const firings = planFirings({ seed, modesEach, parts })
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
