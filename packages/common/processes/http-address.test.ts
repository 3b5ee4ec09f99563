import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseHttpAddress } from './http-address.ts'

describe('where health and metrics are', () => {
  const understood = [
    ['9090', '127.0.0.1', 9090],
    ['0', '127.0.0.1', 0],
    ['0.0.0.0:9090', '0.0.0.0', 9090],
    ['[::1]:80', '::1', 80],
    ['head.cluster:65535', 'head.cluster', 65_535],
  ] as const
  for (const [text, host, port] of understood) {
    it(`is ${host} and ${port} for ${text}`, () => assert.deepEqual(parseHttpAddress(text), { host, port }))
  }
  for (const text of ['', ':9090', '65536', '-1', '9090x', '::1:80', 'http://head:9090', 'head']) {
    it(`is not understood as '${text}'`, () => assert.throws(() => parseHttpAddress(text), { code: 'USAGE' }))
  }
})
