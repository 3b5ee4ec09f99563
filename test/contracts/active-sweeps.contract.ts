import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ActiveSweeps } from '@windrow/common/ledger/active-sweeps.ts'

/** What every adapter of the active sweeps promises. `open` gives an empty one. */
export function activeSweepsContract(adapter: string, open: () => Promise<ActiveSweeps>): void {
  describe(`active sweeps contract: ${adapter}`, () => {
    it('lists the oldest first, whatever the order they came in', async () => {
      const sweeps = await open()
      assert.deepEqual(await sweeps.list(), [])
      await sweeps.add('young', 300, 'smart-start')
      await sweeps.add('old', 100, 'random')
      await sweeps.add('b', 200, 'smart-start')
      await sweeps.add('a', 200, 'smart-start')
      assert.deepEqual(await sweeps.list(), [
        { sweep: 'old', submittedAt: 100, optimizer: 'random' },
        { sweep: 'a', submittedAt: 200, optimizer: 'smart-start' },
        { sweep: 'b', submittedAt: 200, optimizer: 'smart-start' },
        { sweep: 'young', submittedAt: 300, optimizer: 'smart-start' },
      ])
    })

    it('keeps the place of a sweep that is added again', async () => {
      const sweeps = await open()
      await sweeps.add('a', 100, 'smart-start')
      await sweeps.add('a', 900, 'smart-start')
      assert.deepEqual(await sweeps.list(), [{ sweep: 'a', submittedAt: 100, optimizer: 'smart-start' }])
    })

    it('removes a sweep, also one that is not there', async () => {
      const sweeps = await open()
      await sweeps.add('a', 100, 'smart-start')
      await sweeps.remove('a')
      await sweeps.remove('a')
      assert.deepEqual(await sweeps.list(), [])
    })
  })
}
