import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { ResultContents } from '@windrow/common/results/contents.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { readWithLibhdf5 } from '@windrow/common/results/read-result.ts'
import { runPython } from '../fixtures/python.ts'
import { resultShapes } from '../fixtures/result-shapes.ts'

/** Who wrote a file. */
export const families = ['Windrow', 'h5py, superblock 0', 'h5py, libver v110'] as const
export type Family = (typeof families)[number]

/** A file that mutants are made of. */
export interface Seed {
  readonly name: string
  readonly family: Family
  readonly bytes: Uint8Array
  /** What it says; undefined when it was never a result: it names other files, or goes round in circles. */
  readonly contents: ResultContents | undefined
}

const ownShapes = [
  'example',
  '1 turbines',
  '64 turbines with history',
  '100 turbines',
  '8 datasets',
  '16 datasets',
  'no attributes',
  'JSON of 1000 characters',
  '<f8 (2,5)',
  '|u1 (0)',
]
const script = fileURLToPath(new URL('h5py_seeds.py', import.meta.url))

/** Results as Windrow writes them: small and large, with links kept in all ways that occur. */
export async function ownSeeds(): Promise<Seed[]> {
  const seeds: Seed[] = []
  for (const [name, contents] of resultShapes()) {
    if (!ownShapes.includes(name)) continue
    seeds.push({ name, family: 'Windrow', bytes: await encodeResult(contents), contents })
  }
  if (seeds.length !== ownShapes.length) throw new Error('a shape of results is gone')
  return seeds
}

/** Valid and hostile files of h5py; the hostile ones name `hostFile`. */
export async function h5pySeeds(folder: string, hostFile: string): Promise<Seed[]> {
  const code = 'import runpy, sys\nsys.argv = sys.argv[1:]\nrunpy.run_path(sys.argv[0], run_name="__main__")'
  await runPython(code, { args: [script, folder, hostFile] })
  const names = readdirSync(folder).filter((name) => name.endsWith('.h5'))
  return Promise.all(names.sort().map((name) => h5pySeed(name, new Uint8Array(readFileSync(join(folder, name))))))
}

async function h5pySeed(name: string, bytes: Uint8Array): Promise<Seed> {
  const family = name.includes('superblock-0') ? 'h5py, superblock 0' : 'h5py, libver v110'
  const contents = name.startsWith('good') ? (await readWithLibhdf5(bytes)).contents : undefined
  return { name: name.replace(/-(superblock-0|v110)\.h5$/, ''), family, bytes, contents }
}
