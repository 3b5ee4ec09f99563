import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { listenAddress } from './listen-address.ts'

const given = { host: undefined, port: undefined, password: undefined }

describe('where the dashboard listens', () => {
  it('listens on this machine alone unless it is told otherwise', () => {
    assert.deepEqual(listenAddress(given), { host: '127.0.0.1', port: 3080, loopbackOnly: true })
  })

  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.4',
    'head.cluster',
    '::ffff:192.168.1.4',
    '127.0.0.1.example.org',
    '',
  ]) {
    it(`refuses ${host || 'every address'} without a password, and takes it with one`, () => {
      assert.throws(() => listenAddress({ ...given, host }), { code: 'USAGE', next: /WINDROW_DASHBOARD_PASSWORD/ })
      assert.throws(() => listenAddress({ ...given, host, password: '' }), { code: 'USAGE' })
      assert.equal(listenAddress({ ...given, host, password: 'mistral' }).loopbackOnly, false)
    })
  }

  for (const port of ['-1', '65536', '80a', '']) {
    it(`refuses the port '${port}'`, () => assert.throws(() => listenAddress({ ...given, port }), { code: 'USAGE' }))
  }
})
