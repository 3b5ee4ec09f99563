import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../fixtures/run-to-end.ts'
import { findPython } from '../fixtures/test-tools.ts'
import type { Facts, Verdicts } from './facts.ts'

const script = fileURLToPath(new URL('./check/invariants.py', import.meta.url))

const python = findPython({ path: process.env.PATH ?? '', condaPrefix: process.env.CONDA_PREFIX }, ['h5py'])

/** Holds what a run left against the invariants, in Python; the facts go into the file named. */
export async function judge(facts: Facts, factsPath: string): Promise<Verdicts> {
  writeFileSync(factsPath, JSON.stringify(facts))
  const { status, stdout, stderr } = await runToEnd((await python) ?? 'python3', [script, factsPath], {
    environment: process.env,
  })
  if (status !== 0) throw new Error(`the check of the invariants ended with status ${status}:\n${stderr}`)
  return JSON.parse(stdout) as Verdicts
}
