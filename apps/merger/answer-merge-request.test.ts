import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { jobIds, jobNames, type MergeJob } from '@windrow/common/queue/jobs.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { untraced } from '@windrow/common/tracing/tracer.ts'
import { boundStore } from '../../test/fixtures/bound-store.ts'
import { type MemoryMerger, memoryMerger } from '../../test/fixtures/merger-in-memory.ts'
import { answerMergeRequest, type MergeObserver } from './answer-merge-request.ts'

const never = new AbortController().signal

async function mergerWithCommits(): Promise<MemoryMerger> {
  const merger = await memoryMerger()
  for (let index = 0; index < 6; index++) await merger.commit(index)
  return merger
}

/** Answers a request, on the merger's store or another; `told` is what was said of troubles, `heard` what was measured. */
function answering({ submitted, ledger, ports }: MemoryMerger) {
  const told: (string | undefined)[] = []
  const heard: string[] = []
  const observer: MergeObserver = {
    mergeBegins: () => (outcome) => void heard.push(outcome),
    published: ({ number }) => void heard.push(`published ${number}`),
  }
  const read = async () => submitted
  const answer = (
    data: MergeJob,
    { store = ports.store, signal = never }: { store?: Store; signal?: AbortSignal } = {},
  ) =>
    answerMergeRequest(
      { id: jobIds.merge(data.sweep, data.revision), name: jobNames.merge, data },
      {
        reader: { read, readNewest: read },
        ledgerOf: () => ledger,
        ports: { ...ports, store },
        tracer: untraced,
        onTrouble: (reason) => void told.push(reason),
        observer,
      },
      signal,
    )
  return { told, heard, answer }
}

describe('answering a request for a merge', () => {
  it('merges once, and answers those that ask for the same without merging', async () => {
    const { answer, told, heard } = answering(await mergerWithCommits())
    assert.deepEqual(await answer({ sweep: 'small', revision: 6 }), { kind: 'done', value: 'generation' })
    assert.deepEqual(await answer({ sweep: 'small', revision: 6 }), { kind: 'done', value: 'covered' })
    assert.deepEqual(told, [undefined])
    assert.deepEqual(heard, ['published 1', 'generation', 'covered'])
  })

  it('tries again while the store is away, and says what it waits for', async () => {
    const merger = await mergerWithCommits()
    const { answer, told } = answering(merger)
    const createFromFile = () => Promise.reject(new WindrowError('STORE_FULL', { message: 'No space for it.' }))
    const store = boundStore(merger.store, { createFromFile })
    assert.equal((await answer({ sweep: 'small', revision: 6 }, { store })).kind, 'retry')
    assert.match(told[0]!, /small.*No space for it/)
    assert.equal((await answer({ sweep: 'small', revision: 6 })).kind, 'done')
    assert.equal(told[1], undefined)
  })

  it('says so when a file of the same merge is in the store and is another', async () => {
    const merger = await mergerWithCommits()
    const { answer, told } = answering(merger)
    const createFromFile: Store['createFromFile'] = async (name) => await merger.store.create(name, new Uint8Array(9))
    const spoilt = boundStore(merger.store, { createFromFile })
    await answer({ sweep: 'small', revision: 6 }, { store: spoilt })
    await merger.store.remove(names.generation('small', 1))
    await merger.ledger.remove()
    const again = await answer({ sweep: 'small', revision: 6 })
    assert.ok(again.kind === 'dead')
    assert.match(again.message, /MERGE_UNVERIFIED/)
    assert.match(told.at(-1)!, /9 bytes/)
  })

  it('refuses what is no request, and hands back when it drains', async () => {
    const { answer } = answering(await mergerWithCommits())
    assert.equal((await answer({ sweep: '../x', revision: 1 })).kind, 'dead')
    const withPath: MergeJob & { output: string } = { sweep: 'small', revision: 1, output: '/etc/passwd' }
    assert.equal((await answer(withPath)).kind, 'dead')
    assert.equal((await answer({ sweep: 'small', revision: 6 }, { signal: AbortSignal.abort() })).kind, 'hand-back')
  })
})
