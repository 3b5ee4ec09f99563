import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { describe, it } from 'node:test'
import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { recordReopening } from '@windrow/common/commits/close-damaged-commit.ts'
import { packCell, stateOfCell } from '@windrow/common/ledger/states.ts'
import { optimize } from '@windrow/common/optimizing/optimize.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { resultOf } from '@windrow/common/optimizing/result-of.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { boundLedger } from '../../test/fixtures/bound-ledger.ts'
import { boundStore } from '../../test/fixtures/bound-store.ts'
import { type MemoryMerger, memoryMerger } from '../../test/fixtures/merger-in-memory.ts'
import { makeGeneration } from './make-generation.ts'

const merge = ({ submitted, ledger, ports }: MemoryMerger) => makeGeneration(submitted, ledger, ports)

async function commitAll(merger: MemoryMerger, indices = [0, 1, 2, 3, 4, 5]): Promise<void> {
  for (const index of indices) await merger.commit(index)
}

const mergedIn = async (store: Store) => (await readGenerations(store, 'small')).map(({ merged }) => merged)

/** The store of a merger that is slow: what others record until then it still sees. */
const listsGenerationsAfter = (until: Promise<void>, store: Store): Store =>
  boundStore(store, {
    list: async function* (prefix) {
      if (prefix === names.generations('small')) await until
      yield* store.list(prefix)
    },
  })

describe('making a generation', () => {
  it('publishes file, certificate and audit, and records the generation last', async () => {
    const merger = await memoryMerger()
    await commitAll(merger)
    const created: string[] = []
    const { store } = merger
    const watched = boundStore(store, {
      create: (name, bytes) => {
        created.push(name)
        return store.create(name, bytes)
      },
      createFromFile: (name, path) => {
        created.push(name)
        return store.createFromFile(name, path)
      },
    })
    const outcome = await makeGeneration(merger.submitted, merger.ledger, { ...merger.ports, store: watched })
    assert.ok(outcome.kind === 'generation')
    assert.equal(outcome.generation.complete, true)
    const parts = created.map((name) => name.split('/').at(-1))
    assert.deepEqual(parts, ['layouts.h5', 'certificate.json', 'audit-merger-1.jsonl', '000001.json'])
    const audit = Buffer.from((await store.read(created[2]!))!)
      .toString()
      .trim()
      .split('\n')
    assert.equal(audit.length, 6)
    assert.equal(JSON.parse(audit[0]!).name, names.result('small', 'farm0_s0', 0))
    assert.deepEqual(readdirSync(merger.ports.scratch), [], 'nothing is left on this machine')
    assert.equal((await merger.ledger.summary())!.mergedRevision, (await merger.ledger.summary())!.revision)
  })

  it('adds no generation when the same inputs are merged again, by whomever', async () => {
    const merger = await memoryMerger()
    await commitAll(merger)
    const first = await merge(merger)
    const second = await makeGeneration(merger.submitted, merger.ledger, { ...merger.ports, merger: 'merger-2' })
    assert.ok(first.kind === 'generation' && second.kind === 'generation')
    assert.equal(second.fresh, false)
    assert.deepEqual(second.generation, first.generation)
  })

  it('lets three mergers at once agree on one generation', async () => {
    const merger = await memoryMerger()
    await commitAll(merger)
    const outcomes = await Promise.all(
      ['a', 'b', 'c'].map((name) => makeGeneration(merger.submitted, merger.ledger, { ...merger.ports, merger: name })),
    )
    assert.equal((await readGenerations(merger.store, 'small')).length, 1)
    assert.equal(outcomes.filter((outcome) => outcome.kind === 'generation' && outcome.fresh).length, 1)
  })

  it('publishes what there is, marked as not complete, and the next one when there is more', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [0, 1])
    const partial = await merge(merger)
    assert.ok(partial.kind === 'generation')
    assert.deepEqual(
      [partial.generation.complete, partial.generation.merged, partial.generation.missing],
      [false, 2, 4],
    )
    await commitAll(merger, [2, 3, 4, 5])
    const whole = await merge(merger)
    assert.ok(whole.kind === 'generation')
    assert.deepEqual([whole.generation.number, whole.generation.complete], [2, true])
  })

  it('leaves no older inputs as the newest generation when a slow merger is overtaken by one that began later', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [0, 1])
    const { store, submitted, ledger, ports } = merger
    const overtaken = Promise.withResolvers<void>()
    const slow = listsGenerationsAfter(overtaken.promise, store)
    const late = makeGeneration(submitted, ledger, { ...ports, store: slow, merger: 'merger-2' })
    await new Promise((resolve) => setImmediate(resolve))
    await commitAll(merger, [2, 3, 4, 5])
    await merge(merger)
    overtaken.resolve()
    const outcome = await late
    assert.ok(outcome.kind === 'generation' && outcome.generation.merged === 6)
    assert.deepEqual(await mergedIn(store), [6])
    assert.equal((await ledger.summary())!.mergedRevision, (await ledger.summary())!.revision)
  })

  it('leaves none either when Redis was emptied meanwhile, and the other has merged in another ledger', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [0, 1])
    const { store, submitted, ledger, ports } = merger
    const overtaken = Promise.withResolvers<void>()
    const slow = listsGenerationsAfter(overtaken.promise, store)
    const late = makeGeneration(submitted, ledger, { ...ports, store: slow, merger: 'merger-2' })
    await new Promise((resolve) => setImmediate(resolve))
    await ledger.remove()
    const cells = new Uint8Array(submitted.plan.total).fill(packCell('pending', 0))
    await ledger.create({ manifest: 0, cells, epochs: new Map(), instance: 'second' })
    await commitAll(merger, [2, 3, 4, 5])
    await merge(merger)
    overtaken.resolve()
    await late
    assert.deepEqual(await mergedIn(store), [6])
  })

  for (const marksFirst of [true, false]) {
    it(`leaves none either when two publish at once, and the later reading is marked ${marksFirst ? 'before' : 'after'} the older is recorded`, async () => {
      const merger = await memoryMerger()
      await commitAll(merger, [0, 1])
      const { store, submitted, ledger, ports } = merger
      let isReading = true
      const [recorded, asked, olderIsDone, marked] = Array.from({ length: 4 }, () => Promise.withResolvers<void>())
      const older = makeGeneration(
        submitted,
        boundLedger(ledger, {
          summary: async () => {
            const summary = await ledger.summary()
            // Its second question is whether it was overtaken.
            if (isReading) isReading = false
            else asked!.resolve()
            return summary
          },
        }),
        {
          ...ports,
          merger: 'merger-2',
          store: boundStore(listsGenerationsAfter(recorded!.promise, store), {
            create: async (name, bytes) => {
              if (marksFirst && name.startsWith(names.generations('small'))) await marked!.promise
              return await store.create(name, bytes)
            },
          }),
        },
      )
      await new Promise((resolve) => setImmediate(resolve))
      await commitAll(merger, [2, 3, 4, 5])
      const markMerged: typeof ledger.markMerged = async (covered) => {
        recorded!.resolve()
        await (marksFirst ? asked : olderIsDone)!.promise
        await ledger.markMerged(covered)
      }
      const later = makeGeneration(submitted, boundLedger(ledger, { markMerged }), ports)
      if (marksFirst) void later.then(() => marked!.resolve())
      await older
      olderIsDone!.resolve()
      await later
      assert.deepEqual(await mergedIn(store), [6, 2, 6])
      assert.equal((await ledger.summary())!.mergedRevision, (await ledger.summary())!.revision)
    })
  }

  it('merges nothing when nothing is committed', async () => {
    assert.deepEqual(await merge(await memoryMerger()), { kind: 'nothing' })
  })

  it('closes the epoch of a damaged commit instead of publishing, and merges it when it has run again', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [1, 2, 3, 4, 5])
    await merger.store.create(names.result('small', 'farm0_s0', 0), new Uint8Array(5000))
    await merger.ledger.settle({ index: 0, attempt: 'any', epoch: 0, settlement: 'committed' })
    assert.deepEqual(await merge(merger), { kind: 'reopened', configurations: 1 })
    assert.deepEqual(merger.woken, ['small'])
    assert.deepEqual(await readGenerations(merger.store, 'small'), [])
    assert.equal(stateOfCell((await merger.ledger.cells())[0]!), 'pending')
    assert.ok(await merger.store.read(names.reopening('small', 'farm0_s0', 0)))
    await merger.commit(0, 1)
    const outcome = await merge(merger)
    assert.ok(outcome.kind === 'generation')
    assert.equal(outcome.generation.merged, 6)
  })

  it('opens in the ledger what was closed in the store by a merger that was lost before it said so', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [0, 1, 2, 3, 4, 5])
    const actor = { who: 'another merger', now: 0, reason: 'the commit is damaged' }
    await recordReopening(merger.store, { sweep: 'small', key: 'farm0_s0', epoch: 0 }, actor)
    assert.deepEqual(await merge(merger), { kind: 'reopened', configurations: 1 })
    assert.deepEqual(merger.woken, ['small'])
    assert.equal(stateOfCell((await merger.ledger.cells())[0]!), 'pending')
    await merger.commit(0, 1)
    const outcome = await merge(merger)
    assert.ok(outcome.kind === 'generation' && outcome.generation.merged === 6)
  })

  it('takes no result of another configuration, though it has the key', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [1, 2, 3, 4, 5])
    const { plan } = merger.submitted
    const problem = problemOf(plan.at(0), plan.specification)
    const bytes = await encodeResult(resultOf(problem, plan.digestAt(1), optimize(problem)))
    await merger.store.create(names.result('small', plan.keyAt(0), 0), bytes)
    assert.deepEqual(await merge(merger), { kind: 'reopened', configurations: 1 })
  })

  it('says of what was settled while it merged that it is still to be merged', async () => {
    const merger = await memoryMerger()
    await commitAll(merger, [0, 1])
    const busy = boundStore(merger.store, {
      createFromFile: async (name, path) => {
        await merger.commit(2)
        return await merger.store.createFromFile(name, path)
      },
    })
    const outcome = await makeGeneration(merger.submitted, merger.ledger, { ...merger.ports, store: busy })
    assert.ok(outcome.kind === 'generation' && outcome.generation.merged === 2)
    const summary = (await merger.ledger.summary())!
    assert.ok(summary.mergedRevision < summary.revision, JSON.stringify(summary))
  })

  it('notices a commit that vanished between listing and reading', async () => {
    const merger = await memoryMerger()
    await commitAll(merger)
    const gone = names.result('small', 'farm1_s2', 0)
    const { store } = merger
    const forgetful = boundStore(store, { read: async (name) => (name === gone ? undefined : await store.read(name)) })
    const outcome = await makeGeneration(merger.submitted, merger.ledger, { ...merger.ports, store: forgetful })
    assert.deepEqual(outcome, { kind: 'reopened', configurations: 1 })
  })
})
