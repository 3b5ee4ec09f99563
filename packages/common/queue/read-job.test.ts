import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isWindrowError } from '../errors/windrow-error.ts'
import { readConfigurationJob, readMergeJob } from './read-job.ts'

const data = { sweep: 'small', key: 'farm0_s0', index: 0, manifest: 0 }
const job = { id: 'c-farm0_s0', name: 'configuration', data }

const isInvalid = (error: unknown) =>
  isWindrowError(error, 'JOB_INVALID') && error.message.length < 300 && !/\p{Cc}/u.test(error.message)

test('a job names a configuration of the sweep in whose queue it is', () => {
  assert.deepEqual(readConfigurationJob(job, 'small'), data)
  for (const forged of [
    { ...job, id: 'c-farm0_s1' },
    { ...job, name: 'merge' },
    { ...job, name: '\u001b[2J'.repeat(1000) },
    { ...job, data: { ...data, sweep: 'other' } },
    { ...job, data: { ...data, key: '..' }, id: 'c-..' },
    { ...job, data: { ...data, key: 'a/b' }, id: 'c-a/b' },
    { ...job, data: { ...data, key: 'farm0_s0\n' }, id: 'c-farm0_s0\n' },
    { ...job, data: { ...data, ['\u001b[2J'.repeat(1000)]: 1 } },
    { ...job, data: JSON.parse('{"__proto__":{"key":"farm0_s0"},"sweep":"small","index":0,"manifest":0}') },
    { ...job, data: null },
  ]) {
    assert.throws(() => readConfigurationJob(forged, 'small'), isInvalid, JSON.stringify(forged).slice(0, 100))
  }
})

test('nothing that a job says is inherited by other objects', () => {
  const text = `${JSON.stringify(data).slice(0, -1)},"__proto__":{"polluted":true}}`
  try {
    readConfigurationJob({ ...job, data: JSON.parse(text) }, 'small')
  } catch (error) {
    assert.ok(isInvalid(error))
  }
  assert.equal(Reflect.get({}, 'polluted'), undefined)
})

test('a request for a merge names a sweep and a revision, and is called by them', () => {
  const request = { id: 'm-small-r3', name: 'merge', data: { sweep: 'small', revision: 3 } }
  assert.deepEqual(readMergeJob(request), request.data)
  for (const forged of [
    { ...request, id: 'm-small-r4' },
    { ...request, name: 'configuration' },
    { ...request, data: { sweep: '../x', revision: 3 } },
    { ...request, data: { sweep: 'small', revision: 3.5 } },
    { ...request, data: { sweep: 'small', revision: 3, output: '/etc/passwd' } },
  ]) {
    assert.throws(() => readMergeJob(forged), isInvalid)
  }
})
