import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { benches } from './benches.ts'

/** The process of one run: `measure.ts BENCH RUN FOLDER`; sends the figures to the process that forked it. */
const [name = '', run = '0', parent = '.'] = process.argv.slice(2)
const bench = benches.get(name)
if (!bench) throw new Error(`there is no bench ${name}`)
const folder = await mkdtemp(join(parent, 'bench-'))
try {
  const figures = await bench.measure({ folder, run: Number(run) })
  await new Promise((resolve) => process.send!(figures, resolve))
} finally {
  await rm(folder, { recursive: true, force: true })
}
process.disconnect?.()
process.exit()
