import assert from 'node:assert/strict'
import { test } from 'node:test'
import { memoryDirectory, temporaryFolder } from '../fixtures/temporary-folder.ts'
import { runSeed } from './run-seed.ts'
import { prepareStudy } from './study.ts'

test('the same seed gives the same run', async () => {
  const scratch = await temporaryFolder(memoryDirectory())
  const study = await prepareStudy(scratch)
  const record = async () => {
    const lines: string[] = []
    await runSeed(7, study, { scratch, onCall: (line) => lines.push(line) })
    return lines
  }
  const first = await record()
  assert.ok(first.length > 100)
  assert.deepEqual(await record(), first)
})
