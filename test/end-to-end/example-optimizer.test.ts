import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import { windrow } from '../fixtures/command.ts'
import { pythonSkipReason } from '../fixtures/python.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { findPython } from '../fixtures/test-tools.ts'

const examples = fileURLToPath(new URL('../../examples/optimizers/', import.meta.url))
const modules = ['h5py', 'numpy']
const skip = await pythonSkipReason(...modules)

describe('the example of an optimizer in Python', { timeout: 120_000 }, () => {
  it('is what optimizers.yaml says, and its results are committed', { skip }, async () => {
    const commands = await readCommandOptimizers(join(examples, 'optimizers.yaml'))
    assert.deepEqual(commands.get('grid')?.line, ['python3', 'grid.py'])
    const folder = await temporaryFolder()
    const python = await findPython({ path: process.env.PATH ?? '' }, modules)
    const optimizers = join(folder, 'optimizers.yaml')
    writeFileSync(optimizers, JSON.stringify({ grid: { command: [python, '-B', join(examples, 'grid.py')] } }))
    const run = await windrow(['run', join(examples, 'grid.yaml'), '--optimizers', optimizers], folder)
    assert.equal(run.status, 0, run.stderr + run.stdout)
    assert.match(run.stdout, /complete: 4 of 4 merged/)
  })
})
