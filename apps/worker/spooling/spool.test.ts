import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { spoolContract, spooledResult } from '../../../test/contracts/spool.contract.ts'
import { fileActsOf, lostInPowerCut } from '../../../test/fixtures/file-acts.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { openFileSpool } from './file-spool.ts'
import { createMemorySpool } from './memory-spool.ts'

spoolContract('the spool in memory', async () => createMemorySpool())
spoolContract('the spool in files', async () =>
  openFileSpool({ folder: join(await temporaryFolder(), 'spool'), onDamaged: assert.fail }),
)

describe('the spool in files', () => {
  it('outlives its worker', async () => {
    const folder = await temporaryFolder()
    await openFileSpool({ folder, onDamaged: assert.fail }).put(spooledResult('a'))
    assert.deepEqual(await openFileSpool({ folder, onDamaged: assert.fail }).waiting(), [spooledResult('a')])
  })

  it('outlasts a power cut', async () => {
    const folder = join(await temporaryFolder(), 'spool')
    const acts = await fileActsOf(() => openFileSpool({ folder, onDamaged: assert.fail }).put(spooledResult('a')))
    assert.deepEqual(lostInPowerCut(acts, join(folder, readdirSync(folder)[0]!)), [])
    assert.ok(
      acts.some(({ act, path }) => act === 'synced' && path === dirname(folder)),
      'the folder itself',
    )
  })

  for (const [damage, change] of [
    ['a flipped bit', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(bytes.at(-1)! ^ 1)])],
    ['a cut end', (bytes: Buffer) => bytes.subarray(0, -3)],
    ['nothing in it', () => Buffer.alloc(0)],
  ] as const) {
    it(`sets a file with ${damage} aside, says so, and goes on with the others`, async () => {
      const folder = await temporaryFolder()
      const damaged: string[] = []
      const spool = openFileSpool({ folder, onDamaged: (file) => damaged.push(file) })
      await spool.put(spooledResult('a'))
      const path = join(folder, readdirSync(folder)[0]!)
      writeFileSync(path, change(readFileSync(path)))
      await spool.put(spooledResult('b'))
      assert.deepEqual(await spool.waiting(), [spooledResult('b')])
      assert.deepEqual(damaged, [path])
      assert.ok(existsSync(`${path}.damaged`), 'evidence is kept')
    })
  }
})
