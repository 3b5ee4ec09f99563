import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Generation } from '@windrow/common/records/generation.ts'
import { names } from '@windrow/common/store/names.ts'
import { planPruning } from './plan-pruning.ts'

const generation = (number: number, inputDigest: string, complete: boolean): Generation => ({
  ...{ schema: 1, sweep: 's', number, inputDigest, complete, merger: 'm', at: '2026-01-01T00:00:00.000Z' },
  ...{ expected: 2, merged: 2, quarantined: 0, dead: 0, missing: 0 },
  files: {
    layouts: { name: names.mergedFile('s', inputDigest), sha256: '', bytes: 1 },
    certificate: { name: names.mergedCertificate('s', inputDigest), sha256: '', bytes: 1 },
  },
})

const kept = generation(3, 'kept', true)
const generations = [generation(1, 'first', false), generation(2, 'kept', true), kept, generation(4, 'newer', false)]
const facts = {
  ...{ folder: names.sweep('s'), generations, kept },
  isSafe: (key: string) => key === 'safe',
  liveEpochOf: (key: string) => (key === 'safe' ? 2 : 0),
}
const planned = (...listed: string[]) =>
  planPruning(
    listed.map((name) => ({ name, size: 1 })),
    facts,
  ).map(({ name, kind }) => [name.slice(facts.folder.length), kind])

test('attempts go with their logs when the verified file holds their configuration, and no others', () => {
  const listed = [
    names.attempt('s', 'safe', 0, 'a'),
    names.attemptLog('s', 'safe', 2, 'b'),
    names.attempt('s', 'safe', 3, 'c'),
    names.attempt('s', 'dead', 0, 'd'),
    `${names.attempts('s', 'safe')}notes.txt`,
  ]
  assert.deepEqual(planned(...listed), [
    ['attempts/safe/0-a.json', 'attempt records'],
    ['attempts/safe/2-b.log', 'attempt logs'],
  ])
})

test('results go when their epoch is over; commits stay', () => {
  const listed = [names.result('s', 'safe', 0), names.result('s', 'safe', 2), names.result('s', 'dead', 0)]
  assert.deepEqual(planned(...listed), [['results/safe.0.h5', 'results of closed epochs']])
})

test('of superseded merges the file and the audit go; certificates, newer merges and unrecorded ones stay', () => {
  const merge = (digest: string) => [
    names.mergedFile('s', digest),
    names.mergedCertificate('s', digest),
    names.mergeAudit('s', digest, 'm'),
  ]
  assert.deepEqual(planned(...['first', 'kept', 'newer', 'being-published'].flatMap(merge)), [
    ['merges/first/layouts.h5', 'files of superseded generations'],
    ['merges/first/audit-m.jsonl', 'audits of superseded generations'],
  ])
})

test('everything else stays, whatever it is', () => {
  const listed = [
    names.manifest('s', 0),
    names.deadLetter('s', 'safe', 0),
    names.reopening('s', 'safe', 0),
    names.quarantinedBytes('s', 'safe', 0, 'a'),
    names.quarantineEvidence('s', 'safe', 0, 'a'),
    names.action('s', 0, 'a'),
    names.generation('s', 1),
    `${facts.folder}notes/by-somebody.txt`,
  ]
  assert.deepEqual(planned(...listed), [])
})
