import assert from 'node:assert/strict'
import { readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { windrow } from '../fixtures/command.ts'
import { pythonSkipReason, runPython } from '../fixtures/python.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { writeWreckSpecification } from '../fixtures/wreck-specification.ts'
import { type ExpectedWreck, snapshotOf } from '../fixtures/wrecks.ts'
import { documentationPages } from './pages.ts'

const skip = await pythonSkipReason('h5py', 'pandas')
const page = documentationPages().find(({ path }) => path === 'docs/broken-merge.md')!
const makeWreck = readFileSync(new URL('../fixtures/h5py_wrecks.py', import.meta.url), 'utf8')

/** A command of the page, and the lines it prints there; `...` stands for any others. */
interface Step {
  readonly args: readonly string[]
  readonly lines: readonly string[]
}

const steps: Step[] = [...page.text.matchAll(/^```\n\$ windrow (.*)\n((?:.*\n)*?)```$/gm)].map(
  ([, command, printed]) => ({
    args: command!.split(' '),
    lines: printed!
      .trimEnd()
      .split('\n')
      .filter((line) => line !== '...'),
  }),
)

describe('docs/broken-merge.md', () => {
  it('leads from a wreck to a healed file, command by command, and leaves the wreck as it was', { skip }, async () => {
    const folder = await temporaryFolder()
    const wreck = join(folder, 'layouts.h5_temp')
    await runPython(makeWreck, { args: [wreck, 'keyed', '1'] })
    renameSync(writeWreckSpecification(folder), join(folder, 'sweep.yaml'))
    const untouched = snapshotOf(wreck)
    assert.deepEqual(
      steps.map(({ args: [name] }) => name),
      ['salvage', 'salvage', 'quarantine', 'resume', 'verify'],
    )
    for (const { args, lines } of steps) {
      const { status, stdout, stderr } = await windrow(args, folder)
      assert.equal(status, 0, `${args.join(' ')}\n${stdout}\n${stderr}`)
      assertPrinted(stdout, lines)
    }
    assert.deepEqual(snapshotOf(wreck), untouched)
    await assertHealed(folder)
  })
})

/** Every line of the page is printed, in this order; `...` at its end stands for the rest of it. */
function assertPrinted(stdout: string, lines: readonly string[]): void {
  let rest = stdout.split('\n')
  for (const line of lines) {
    const start = line.replace(/ \.\.\.$/, '')
    const at = rest.findIndex((printed) => (start === line ? printed === line : printed.startsWith(start)))
    assert.ok(at >= 0, `not printed in this place: ${line}\n${stdout}`)
    rest = rest.slice(at + 1)
  }
}

/** The salvaged layouts are in the file to the bit, with the AEP they reported; all others were computed. */
async function assertHealed(folder: string): Promise<void> {
  const expected: ExpectedWreck = JSON.parse(readFileSync(join(folder, 'expected-keyed.json'), 'utf8'))
  const read = `
import json, os, sys
import h5py, pandas
os.chdir(sys.argv[1])
with h5py.File('healed.h5') as f:
    table = pandas.DataFrame(f['init/index'][:])
    table = table.assign(**{name: table[name].str.decode('ascii') for name in ['key', 'source', 'verified']})
    salvaged = {key: dict(layout=f[key]['layout'][:].tolist(), aep=f[key]['aep_reported'][()])
                for key in table[table.source == 'salvage'].key}
    counts = json.loads(bytes(f['init/certificate'][:]))['counts']
    print(json.dumps([salvaged, table.groupby(['source', 'verified']).size().tolist(), counts]))`
  const printed = await runPython(read, { args: [folder], modules: ['h5py', 'pandas'] })
  const [salvaged, sources, counts] = JSON.parse(printed)
  const wanted = expected.salvageable.map((key) => [key, { layout: expected.layout![key], aep: expected.aep[key] }])
  assert.deepEqual(salvaged, Object.fromEntries(wanted))
  assert.deepEqual(sources, [15, 45])
  assert.partialDeepStrictEqual(counts, { expected: 60, merged: 60, missing: 0, salvaged: 15, plausible: 15 })
}
