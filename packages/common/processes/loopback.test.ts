import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isLoopback } from './loopback.ts'

describe('the names by which only this machine reaches itself', () => {
  for (const host of ['127.0.0.1', '127.8.9.10', '::1', '::ffff:127.0.0.1', 'localhost']) {
    it(`have ${host} among them`, () => assert.equal(isLoopback(host), true))
  }
  for (const host of [
    '0.0.0.0',
    '::',
    '192.168.1.4',
    '::ffff:192.168.1.4',
    '127.0.0.1.example.org',
    'localhost.',
    '',
  ]) {
    it(`do not have '${host}'`, () => assert.equal(isLoopback(host), false))
  }
})
