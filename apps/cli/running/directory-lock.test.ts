import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { lockDirectory } from './directory-lock.ts'

describe('the lock of a local directory', () => {
  it('names who holds it, and is free again when it is given back', async () => {
    const path = join(await temporaryFolder(), 'run.lock')
    const unlock = await lockDirectory(path, process.ppid)
    await assert.rejects(lockDirectory(path, process.pid), (error) => {
      assert.ok(isWindrowError(error, 'DIRECTORY_LOCKED'))
      assert.match(error.message, new RegExp(String(process.ppid)))
      return true
    })
    await unlock()
    assert.equal(existsSync(path), false)
  })

  it('is taken over from a process that is gone', async () => {
    const path = join(await temporaryFolder(), 'run.lock')
    writeFileSync(path, '999999999\n')
    await lockDirectory(path, process.pid)
    assert.equal(readFileSync(path, 'utf8'), `${process.pid}\n`)
  })

  it('is taken over from an earlier process of the same number, as containers have them', async () => {
    const folder = await temporaryFolder()
    const path = join(folder, 'run.lock')
    writeFileSync(path, `${process.pid}\n`)
    await lockDirectory(path, process.pid)
    assert.deepEqual(readdirSync(folder), ['run.lock'])
  })
})
