import { registerHooks } from 'node:module'
import type { PortName } from './named-ports.ts'

/** The factories of adapters with side effects: the module below the root of the project, its factory, the port it makes. */
const factories: readonly (readonly [module: string, factory: string, port: PortName])[] = [
  ['packages/common/ledger/redis-ledger.ts', 'openRedisLedger', 'ledger'],
  ['packages/common/ledger/redis-active-sweeps.ts', 'openRedisActiveSweeps', 'active'],
  ['packages/common/queue/bullmq-queue.ts', 'openBullmqQueue', 'queue'],
  ['packages/common/queue/bullmq-merges.ts', 'openBullmqMerges', 'merges'],
  ['packages/common/store/open-store.ts', 'openStore', 'store'],
  ['apps/worker/attempts/child-pool.ts', 'createChildPool', 'runner'],
]

const root = new URL('../../../', import.meta.url).href
const naming = new URL('./named-ports.ts', import.meta.url).href
const original = '?original'

/** Loads in place of each of these modules one with the same exports, whose factory makes adapters with named points. */
export function nameAdapters(): void {
  const byUrl = new Map(factories.map((factory) => [`${root}${factory[0]}`, factory]))
  registerHooks({
    load(url, context, nextLoad) {
      const found = byUrl.get(url)
      if (!found) return nextLoad(url, context)
      const [, factory, port] = found
      const source = [
        `export * from '${url}${original}'`,
        `import { ${factory} as made } from '${url}${original}'`,
        `import { named } from '${naming}'`,
        `export const ${factory} = (...given) => named('${port}', made(...given))`,
      ]
      return { format: 'module', shortCircuit: true, source: source.join('\n') }
    },
  })
}
