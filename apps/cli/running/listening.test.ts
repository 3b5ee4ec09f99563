import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Context } from '@windrow/common/configuration/context.ts'
import { localDirectory } from '@windrow/common/configuration/local-directory.ts'
import { type ListenFlags, listeningOf } from './listening.ts'

const directory = localDirectory('/work/.windrow')
const here: Context = { store: 'file:///shared/store', local: true, directory }

test('a run listens where it is told to, with beats of 15 s unless told otherwise', () => {
  assert.deepEqual(listeningOf({ listen: true, workers: 0 }, here), { beatMs: 15_000 })
  assert.deepEqual(listeningOf({ listen: 'ib0', beat: '2s', workers: 1 }, here), { address: 'ib0', beatMs: 2_000 })
  assert.equal(listeningOf({ workers: 1 }, here), undefined)
  assert.equal(listeningOf({ workers: 0 }, { ...here, redis: 'redis://head:6379' }), undefined, 'others may work there')
})

test('what does not go together is refused before anything starts', () => {
  const refused: [ListenFlags, RegExp, Partial<Context>?][] = [
    [
      { listen: true, workers: 1 },
      /by a file in the store, and s3:\/\/bucket\/sweeps holds no files/,
      { store: 's3://bucket/sweeps' },
    ],
    [{ listen: true, workers: 1, redis: 'redis://head:6379' }, /--listen starts a Redis of its own/],
    [{ listen: true, workers: 1, beat: 'often' }, /--beat often: expected a duration/],
    [{ listen: true, workers: 1, beat: '1ms' }, /--beat 1ms: expected a duration of 100ms or more/],
    [{ workers: 1, beat: '1s' }, /--beat counts only together with --listen/],
    [{ workers: 0 }, /--workers 0 leaves nobody/],
  ]
  for (const [flags, message, context] of refused) {
    assert.throws(() => listeningOf(flags, { ...here, ...context }), { code: 'USAGE', message })
  }
})
