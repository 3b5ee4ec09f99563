import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { isWindrowError } from '@windrow/common/errors/windrow-error.ts'
import { temporaryFolder } from '../../test/fixtures/temporary-folder.ts'
import { openAuditLog } from './audit-log.ts'

const line = { name: 'n', key: 'k', epoch: 0, bytes: 1, sha256: 'x'.repeat(64), verdict: 'valid' } as const

describe('the audit log of a merge', () => {
  it('holds every line, also more than fit into memory at once', async () => {
    const path = join(await temporaryFolder(), 'audit.jsonl')
    const audit = await openAuditLog(path)
    for (let epoch = 0; epoch < 2_000; epoch++) await audit.write({ ...line, epoch })
    await audit.finish()
    await audit.close()
    const lines = readFileSync(path, 'utf8').trim().split('\n')
    assert.deepEqual(
      lines.map((text) => JSON.parse(text).epoch),
      Array.from({ length: 2_000 }, (_, epoch) => epoch),
    )
  })

  it('says where it is written that the disk is full', async () => {
    const audit = await openAuditLog('/dev/full')
    await audit.write(line)
    await assert.rejects(audit.finish(), (error) => isWindrowError(error, 'DISK_FULL'))
    await audit.close()
  })
})
