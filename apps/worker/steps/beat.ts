import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { WorkerPorts } from './ports.ts'
import type { RunningSet } from './running-set.ts'

/**
 * Repeats to every ledger what runs here, so that a rebuilt ledger adopts it instead of running it twice. An attempt
 * whose configuration somebody else holds by now is stopped.
 */
export async function beat(
  ports: Pick<WorkerPorts, 'sweepOf' | 'clock' | 'logger'>,
  running: RunningSet,
): Promise<void> {
  for (const [sweep, entries] of running.bySweep()) {
    try {
      const { ledger } = await ports.sweepOf(sweep, 0)
      const attempts = entries.map(({ index, attempt, epoch, worker }) => ({ index, attempt, epoch, worker }))
      const lost = new Set(await ledger.repeatRunning(attempts, ports.clock.now()))
      for (const entry of entries) {
        if (!lost.has(entry.index)) continue
        ports.logger.warn(
          { sweep, index: entry.index, attempt: entry.attempt },
          'somebody else holds the configuration; stopping',
        )
        entry.stop()
      }
    } catch (error) {
      // A ledger that is absent is being rebuilt; the next beat reaches it.
      const expected = isWindrowError(error) && error.transient
      ports.logger[expected ? 'warn' : 'error']({ err: error, sweep }, `a beat failed: ${messageOf(error)}`)
    }
  }
}
