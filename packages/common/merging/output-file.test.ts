import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileActsOf, lostInPowerCut } from '../../../test/fixtures/file-acts.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { OutputFile } from './output-file.ts'

test('a file that has its name outlasts a power cut', async () => {
  const path = join(await temporaryFolder(), 'layouts.h5')
  const acts = await fileActsOf(async () => {
    const file = new OutputFile(path)
    writeSync(file.fd, Buffer.from('merged'))
    file.publish()
  })
  assert.equal(readFileSync(path, 'utf8'), 'merged')
  assert.deepEqual(lostInPowerCut(acts, path), [])
})

test('a file that is given up leaves what had its name as it was', async () => {
  const folder = await temporaryFolder()
  const path = join(folder, 'layouts.h5')
  writeFileSync(path, 'before')
  const file = new OutputFile(path)
  writeSync(file.fd, Buffer.from('half a mer'))
  file.release()
  assert.equal(readFileSync(path, 'utf8'), 'before')
  assert.deepEqual(readdirSync(folder), ['layouts.h5'])
})
