import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { memoryDirectory } from '../fixtures/temporary-folder.ts'
import { runSeed } from './run-seed.ts'
import { prepareStudy } from './study.ts'

/** `npm run simulate -- [--seeds 1000] [--from 1] [--show]`: runs so many seeds, and tells of every one that violates an invariant. */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    /** Prints everything that happens. */
    show: { type: 'boolean', default: false },
  },
})
const [from, seeds] = [Number(values.from), Number(values.seeds)]
const scratch = await mkdtemp(join(memoryDirectory(), 'windrow-simulation-'))
try {
  const study = await prepareStudy(scratch)
  const began = performance.now()
  let failed = 0
  let faults = 0
  for (let seed = from; seed < from + seeds; seed++) {
    const report = await runSeed(seed, study, { scratch, ...(values.show && { onCall: (line) => console.log(line) }) })
    faults += report.faults.length
    const done = seed - from + 1
    if (done % 1000 === 0) console.error(`${done} of ${seeds} seeds, ${failed} violate an invariant`)
    if (report.violations.length === 0) continue
    failed++
    for (const { invariant, what } of report.violations) console.log(`seed ${seed} violates ${invariant}: ${what}`)
    console.log(`replay it:  npm run simulate -- --seeds 1 --from ${seed} --show`)
  }
  const seconds = (performance.now() - began) / 1000
  console.log(
    `${seeds} seeds from ${from}, ${faults} faults, ${failed} seeds violate an invariant, ${seconds.toFixed(1)} s`,
  )
  process.exitCode = failed === 0 ? 0 : 1
} finally {
  await rm(scratch, { recursive: true, force: true })
}
