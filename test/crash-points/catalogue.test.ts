import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { crashPoints, notStoppedAt } from './catalogue.ts'
import { ports } from './inside/named-ports.ts'

const root = new URL('../../packages/common/', import.meta.url)

/** The ports whose adapters the services are given, where they are declared. */
const declared = {
  ledger: ['ledger/ledger.ts', 'Ledger'],
  active: ['ledger/active-sweeps.ts', 'ActiveSweeps'],
  queue: ['queue/queue.ts', 'ConfigurationQueue'],
  merges: ['queue/queue.ts', 'MergeRequests'],
  store: ['store/store.ts', 'Store'],
} as const

function methodsOf(file: string, name: string): string[] {
  const source = readFileSync(new URL(file, root), 'utf8')
  const body = new RegExp(`export interface ${name} \\{\\n([\\s\\S]*?)\\n\\}`).exec(source)?.[1] ?? ''
  return Array.from(body.matchAll(/^ {2}([a-z]\w*)\(/gim), ([, method]) => method!)
}

describe('the catalogue of crash points', () => {
  for (const [port, [file, name]] of Object.entries(declared)) {
    it(`knows every method of ${name} as one that changes something or one that reads`, () => {
      const { changes, reads } = ports[port as keyof typeof declared]
      assert.deepEqual(methodsOf(file, name).sort(), [...Object.keys(changes), ...reads].sort())
    })

    it(`has a point for every change that ${name} makes`, () => {
      const points = [...crashPoints.map((point) => point.name), ...Object.keys(notStoppedAt)]
      for (const method of Object.keys(ports[port as keyof typeof declared].changes)) {
        const isThere = points.some((point) => new RegExp(`^\\w+\\.${port}\\.${method}(:|$)`).test(point))
        assert.ok(isThere, `${port}.${method}`)
      }
    })
  }

  it('names every point once, and says what it does', () => {
    assert.equal(new Set(crashPoints.map(({ name }) => name)).size, crashPoints.length)
    for (const { does } of crashPoints) assert.notEqual(does, '')
  })
})
