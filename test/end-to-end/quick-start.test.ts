import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { windrow } from '../fixtures/command.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'

const specification = fileURLToPath(new URL('../../examples/quickstart.yaml', import.meta.url))

describe('the quick start', { timeout: 120_000 }, () => {
  it('runs 24 configurations on real parts and leaves one verified file', async () => {
    const folder = await temporaryFolder()
    const run = await windrow(['run', specification], folder)
    assert.equal(run.status, 0, run.stderr)
    assert.match(run.stdout, /generation 1, complete: 24 of 24 merged, 0 quarantined, 0 dead, 0 missing/)
    assert.match(run.stdout, /farm_idx=2 {2}type_idx=5/)
    assert.match(run.stderr, /24 of 24 done/)

    const verified = await windrow(['verify', 'layouts.h5', '--json'], folder)
    assert.equal(verified.status, 0, verified.stderr)
    const status = JSON.parse((await windrow(['status', 'quickstart', '--json'], folder)).stdout)
    assert.equal(JSON.stringify(status).includes('"committed":24'), true, JSON.stringify(status))

    const bytes = readFileSync(join(folder, 'layouts.h5'))
    // Other processors round otherwise; the README shows the file of this one.
    if (process.arch === 'x64') {
      const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
      const shown = `(${bytes.length} bytes, SHA-256 ${createHash('sha256').update(bytes).digest('hex')})`
      assert.ok(readme.includes(shown), `the README does not show the file of the quick start: ${shown}`)
    }
    const again = await windrow(['run', specification], folder)
    assert.equal(again.status, 0, again.stderr)
    assert.match(again.stderr, /resuming/)
    assert.deepEqual(readFileSync(join(folder, 'layouts.h5')), bytes, 'the same merge')
    const generations = readdirSync(join(folder, '.windrow/store/sweeps/quickstart/generations'))
    assert.deepEqual(generations, ['000001.json'], 'and no second generation')
    assert.equal(existsSync(join(folder, '.windrow/run.lock')), false)
  })

  it('gives the same bytes whatever the number of workers and the order of results', async () => {
    const [one, other] = [await temporaryFolder(), await temporaryFolder()]
    const part = ['--set', 'farm.pick=[0]', '--set', 'ss_seed=0..2']
    assert.equal((await windrow(['run', specification, ...part, '--concurrency', '1'], one)).status, 0)
    assert.equal(
      (await windrow(['run', specification, ...part, '--workers', '2', '--concurrency', '1'], other)).status,
      0,
    )
    assert.deepEqual(readFileSync(join(one, 'layouts.h5')), readFileSync(join(other, 'layouts.h5')))
  })
})
