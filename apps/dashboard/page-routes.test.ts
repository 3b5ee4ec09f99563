import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { encodeRecord } from '@windrow/common/records/record-codec.ts'
import { names } from '@windrow/common/store/names.ts'
import { startTestRedis } from '../../test/fixtures/redis.ts'
import { fate, sweepInStore } from '../../test/fixtures/sweep-in-store.ts'
import { dashboardUnderTest } from './fixtures/dashboard-under-test.ts'

const redis = await startTestRedis()
const made = await sweepInStore()
const readOnly = await dashboardUnderTest(made, redis)

describe('our pages', () => {
  it('list sweeps with counts and denominators, a cell for each configuration, and the file', async () => {
    const { status, body } = await readOnly.ask('/')
    assert.equal(status, 200)
    assert.match(body, /<strong>5 of 8<\/strong> committed/)
    assert.match(body, /one cell a configuration: 5 of 8 committed, 1 of 8 quarantined, 1 of 8 dead, 1 of 8 pending/)
    assert.equal(body.match(/<title>farm\d_s\d: /g)?.length, 8)
    assert.match(body, /Generation 1, <strong class="bad">partial<\/strong>: 5 of 8 merged/)
    assert.ok(body.includes(`${made.folder}/.windrow/store/sweeps/small/merges/`))
  })

  it('tell a configuration: state, death, evidence, and the command that runs it', async () => {
    const { body } = await readOnly.ask(`/sweeps/small/${fate.quarantined}`)
    assert.match(body, /OUTPUT_CORRUPT<\/strong> after 2 attempts of epoch 0/)
    assert.match(body, /truncated<\/strong>: The file has 100 bytes\./)
    assert.ok(body.includes(`<code>windrow optimize small ${fate.quarantined}</code>`))
    assert.ok(body.includes(`/quarantine/${fate.quarantined}/0-a2.h5`))
  })

  it('show logs and messages as text, whatever is in them', async () => {
    const key = fate.retrying
    const record = {
      ...{ schema: 1, sweep: 'small', key, epoch: 0, attempt: 'evil', number: 2, outcome: 'failed' },
      ...{ code: 'OPTIMIZER_FAILED', message: '<img src=x onerror=alert(1)>', host: '"><b>', worker: "' onload='" },
      ...{ startedAt: '2026-02-01T00:00:00Z', endedAt: '2026-02-01T00:01:05Z' },
    }
    await made.store.create(names.attempt('small', key, 0, 'evil'), encodeRecord(record))
    const log = '</pre><script>alert(1)</script>\n'
    await made.store.create(names.attemptLog('small', key, 0, 'evil'), new TextEncoder().encode(log))
    const { body } = await readOnly.ask(`/sweeps/small/${key}`)
    assert.ok(body.includes('&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;'))
    assert.ok(body.includes('&lt;img src=x onerror=alert(1)&gt;'))
    assert.doesNotMatch(body, /<script|<img|<b>| onload='/)
    assert.match(body, /1 min 5 s/)
    const whole = await readOnly.ask(`/sweeps/small/${key}/0-evil.log`)
    assert.equal(whole.headers['content-type'], 'text/plain; charset=utf-8')
    assert.equal(whole.body, log)
  })

  const absent = [
    '/sweeps/none/x',
    '/sweeps/..%2F..%2Fetc/passwd',
    '/sweeps/small/..%2Fx',
    `/sweeps/small/${fate.dead}/0-..%2F.log`,
    '/sweeps/small/x/y',
  ]
  for (const path of absent) {
    it(`do not have ${path}`, async () => assert.equal((await readOnly.ask(path)).status, 404))
  }
})
