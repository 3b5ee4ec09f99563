import assert from 'node:assert/strict'
import test from 'node:test'
import { lookup3 } from './lookup3.ts'

const text = new TextEncoder().encode('Four score and seven years ago')

test('gives the hashes that its author published', () => {
  assert.equal(lookup3(text, 0, 0), 0xdeadbeef)
  assert.equal(lookup3(text, 0, text.length), 0x17770551)
})

test('depends on the stretch it is given, and on nothing around it', () => {
  for (let length = 0; length <= text.length; length++) {
    const alone = lookup3(text.slice(0, length), 0, length)
    const padded = Uint8Array.from([9, ...text.subarray(0, length), 9, 9, 9])
    assert.equal(lookup3(padded, 1, 1 + length), alone, `${length} bytes`)
    if (length > 0) assert.notEqual(lookup3(text, 0, length - 1), alone)
  }
})
