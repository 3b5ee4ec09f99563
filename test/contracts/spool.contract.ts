import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Spool, SpooledResult } from '../../apps/worker/spooling/spool.ts'

export function spooledResult(attempt: string, endedAt = '2026-01-01T00:00:01.000Z'): SpooledResult {
  const place = { sweep: 'small', key: 'farm0_s0', epoch: 0, attempt }
  const times = { startedAt: '2026-01-01T00:00:00.000Z', endedAt }
  const record = {
    schema: 1 as const,
    ...place,
    number: 1,
    outcome: 'valid' as const,
    host: 'h',
    worker: 'h/1',
    ...times,
  }
  return { ...place, index: 0, manifest: 0, record, bytes: new TextEncoder().encode(`bytes of ${attempt}\n`) }
}

/** What every spool does. */
export function spoolContract(name: string, open: () => Promise<Spool>): void {
  describe(`${name}, as every spool`, () => {
    it('is empty at first', async () => {
      const spool = await open()
      assert.deepEqual([await spool.waiting(), await spool.depth()], [[], 0])
    })

    it('keeps results whole, oldest first, until they are removed', async () => {
      const spool = await open()
      const [young, old] = [spooledResult('b', '2026-01-02T00:00:00.000Z'), spooledResult('a')]
      await spool.put(young)
      await spool.put(old)
      assert.deepEqual(await spool.waiting(), [old, young])
      assert.equal(await spool.depth(), 2)
      await spool.remove(old)
      assert.deepEqual(await spool.waiting(), [young])
    })

    it('keeps a result that is put twice once, and forgives a second removal', async () => {
      const spool = await open()
      await spool.put(spooledResult('a'))
      await spool.put(spooledResult('a'))
      assert.equal((await spool.waiting()).length, 1)
      await spool.remove(spooledResult('a'))
      await spool.remove(spooledResult('a'))
      assert.deepEqual(await spool.waiting(), [])
    })
  })
}
