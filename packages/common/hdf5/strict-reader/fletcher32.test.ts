import assert from 'node:assert/strict'
import test from 'node:test'
import { fletcher32 } from './fletcher32.ts'

/** By the definition, without any trick for speed. */
function slowly(bytes: Uint8Array): number {
  let [sum, sumOfSums] = [0, 0]
  for (let at = 0; at < bytes.length; at += 2) {
    sum = (sum + (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)) % 65535
    sumOfSums = (sumOfSums + sum) % 65535
  }
  return sumOfSums * 65536 + sum
}

test('is the sum by its definition, at lengths around every block and with words that carry', () => {
  for (const length of [1, 2, 3, 718, 719, 720, 721, 722, 1441, 5000, 66_001]) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index % 7 === 0 ? 0xfe : (index * 31) % 256))
    assert.equal(fletcher32(bytes, 0, length), slowly(bytes), `${length} bytes`)
  }
  const most = new Uint8Array(100_000).fill(0xff)
  most[77] = 0xfe
  assert.equal(fletcher32(most, 0, most.length) % 65536, slowly(most) % 65536)
})

test('does not see a word of zeros become ones, which is why results carry a digest, too', () => {
  const zeros = Uint8Array.of(1, 2, 0, 0, 3, 4)
  const ones = Uint8Array.of(1, 2, 0xff, 0xff, 3, 4)
  assert.equal(fletcher32(zeros, 0, 6), fletcher32(ones, 0, 6))
})
