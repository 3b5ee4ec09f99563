import { globSync } from 'node:fs'
import { join } from 'node:path'

/** Those that take a minute or more. Begun last, one of them would have one core to itself while the other has nothing to do. */
const longest = [
  'test/simulation/simulation.test.ts',
  'test/end-to-end/operating.test.ts',
  'test/chaos/chaos.test.ts',
  'test/end-to-end/outages.test.ts',
  'test/crash-points/crash-points.test.ts',
]

/** Every test file below `root`, in the order in which they are to run: the longest first, then by name. */
export function allTestFiles(root) {
  const found = ['apps', 'packages', 'test'].flatMap((folder) =>
    globSync(`${folder}/**/*.test.ts`, { cwd: root, exclude: (name) => name === 'node_modules' }),
  )
  const gone = longest.find((file) => !found.includes(file))
  if (gone !== undefined) throw new Error(`${gone} is named as a long test file, and is not there`)
  return [...longest, ...found.filter((file) => !longest.includes(file)).sort()].map((file) => join(root, file))
}
