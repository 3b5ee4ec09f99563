import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startTestRedis } from '../../test/fixtures/redis.ts'
import { sweepInStore } from '../../test/fixtures/sweep-in-store.ts'
import { dashboardUnderTest } from './fixtures/dashboard-under-test.ts'

const redis = await startTestRedis()
const made = await sweepInStore()
const put = { method: 'PUT' }
const api = '/queues/api/queues/windrow.small'

describe('a dashboard with a password', async () => {
  const guarded = await dashboardUnderTest(made, redis, { writable: true, password: 'a breeze from the west' })
  const form = { 'content-type': 'application/x-www-form-urlencoded' }
  const signIn = (password: string, next = '/') =>
    guarded.ask('/login', { method: 'POST', headers: form, body: String(new URLSearchParams({ password, next })) })

  it('shows nothing before it has been given, but for health and the login page', async () => {
    const front = await guarded.ask('/sweeps/small/x?y=1')
    assert.deepEqual([front.status, front.headers.location], [303, '/login?next=%2Fsweeps%2Fsmall%2Fx%3Fy%3D1'])
    assert.equal((await guarded.ask('/queues/api/queues')).status, 401)
    assert.equal((await guarded.ask('/queues/static/favicon.ico')).status, 401)
    assert.equal((await guarded.ask(`${api}/retry/failed`, put)).status, 401)
    assert.equal((await guarded.ask('/nothing')).status, 303)
    assert.equal((await guarded.ask('/metrics')).status, 401)
    assert.equal((await guarded.ask('/healthz')).status, 200)
    assert.match((await guarded.ask('/login?next=/queues')).body, /type="password"/)
  })

  it('begins a session that scripts cannot read and other sites cannot send, and ends it', async () => {
    const wrong = await signIn('a breeze from the east')
    assert.deepEqual([wrong.status, wrong.headers['set-cookie']], [401, undefined])
    const right = await signIn('a breeze from the west', '/queues')
    assert.deepEqual([right.status, right.headers.location], [303, '/queues'])
    const cookie = right.headers['set-cookie']?.[0] ?? ''
    assert.match(cookie, /^windrow_session=[\w-]{43}; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Strict$/)
    const headers = { cookie: `other=1; ${cookie.split(';', 1)[0]}` }
    assert.equal((await guarded.ask('/', { headers })).status, 200)
    assert.equal((await guarded.ask('/metrics', { headers })).status, 200)
    assert.equal((await guarded.ask(`${api}/retry/failed`, { ...put, headers })).status, 200)
    assert.equal((await guarded.ask('/logout', { method: 'POST', headers })).headers.location, '/login')
    assert.equal((await guarded.ask('/', { headers })).status, 303)
    assert.equal((await guarded.ask('/', { headers: { cookie: 'windrow_session=' } })).status, 303)
  })

  for (const next of ['//evil.example', '/\\evil.example', 'http://evil.example', 'javascript:alert(1)', '/\r\nx: y']) {
    it(`goes on to no other site: ${JSON.stringify(next)}`, async () => {
      assert.equal((await signIn('a breeze from the west', next)).headers.location, '/')
    })
  }

  it('does not hear a foreign page that wants to sign its visitor in', async () => {
    const headers = { ...form, origin: 'http://evil.example' }
    const answer = await guarded.ask('/login', { method: 'POST', headers, body: 'password=a+breeze+from+the+west' })
    assert.deepEqual([answer.status, answer.headers['set-cookie']], [403, undefined])
  })

  it('lets guesses wait, the right one too', async () => {
    const statuses: number[] = []
    for (let guess = 0; guess < 6; guess++) statuses.push((await signIn(`guess ${guess}`)).status)
    assert.equal(statuses.at(-1), 429)
    const answer = await signIn('a breeze from the west')
    assert.equal(answer.status, 429)
    assert.ok(Number(answer.headers['retry-after']) > 0)
  })
})
