import { mkdir, writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { benches } from './benches.ts'
import type { Figures } from './running/bench.ts'
import { thisMachine } from './running/machine.ts'
import { measureInProcess } from './running/measure-in-process.ts'
import { mediansOf } from './running/medians.ts'

/** `npm run bench -- [NAME...] [--runs 3] [--dir FOLDER] [--json FILE]`: measures, and prints a table each. */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    runs: { type: 'string', default: '3' },
    /** On the disk that is to be measured. */
    dir: { type: 'string', default: '.windrow' },
    json: { type: 'string' },
  },
})
const names = positionals.length > 0 ? positionals : [...benches.keys()]
for (const name of names) {
  if (benches.has(name)) continue
  console.error(`There is no bench ${name}; there are ${[...benches.keys()].join(', ')}.`)
  process.exit(1)
}
const runs = Number(values.runs)
if (!(Number.isInteger(runs) && runs > 0)) {
  console.error(`--runs ${values.runs}: expected a whole number of at least 1`)
  process.exit(1)
}
const folder = resolve(values.dir)
await mkdir(folder, { recursive: true })

const machine = await thisMachine()
console.log(`${machine.processor}, ${machine.cores} cores; Node ${machine.node}; Redis ${machine.redis}`)
console.log(`medians of ${runs} runs (least..most); compare the ratios, the rest depends on the machine\n`)
const measured: Record<string, readonly Figures[]> = {}
for (const name of names) {
  const bench = benches.get(name)!
  const figures: Figures[] = []
  for (let run = 0; run < runs; run++) figures.push(await measureInProcess(name, { run, folder }))
  measured[name] = figures
  console.log(`${bench.title}\n\n${bench.render(mediansOf(figures))}`)
}
if (values.json) await writeFile(values.json, `${JSON.stringify({ machine, runs: measured }, null, 2)}\n`)
