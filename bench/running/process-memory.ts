import { processTree } from '../../apps/worker/attempts/process-tree.ts'
import type { Figures } from './bench.ts'

const everyMs = 250

/** Watches the resident memory of this process and of everything it started, until it is stopped. */
export function watchProcesses(): { stop(): Figures } {
  let ownPeak = 0
  let allPeak = 0
  const look = async () => {
    ownPeak = Math.max(ownPeak, process.memoryUsage.rss())
    allPeak = Math.max(allPeak, (await processTree(process.pid)).residentBytes)
  }
  const timer = setInterval(() => void look().catch((error: unknown) => console.error(error)), everyMs)
  return {
    stop() {
      clearInterval(timer)
      return { 'own peak MiB': ownPeak / 2 ** 20, 'all peak MiB': allPeak / 2 ** 20 }
    },
  }
}
