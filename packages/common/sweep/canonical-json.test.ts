import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalJson } from './canonical-json.ts'

test('one value has one text, in whatever order its members came', () => {
  assert.equal(
    canonicalJson({ b: [1, -0, 1e21, 'é"'], a: { z: null, y: true } }),
    '{"a":{"y":true,"z":null},"b":[1,0,1e+21,"é\\""]}',
  )
  assert.equal(canonicalJson({ a: undefined, b: 1 }), canonicalJson({ b: 1 }))
  assert.deepEqual(JSON.parse(canonicalJson({ x: 0.1 + 0.2 })), { x: 0.1 + 0.2 })
})

test('what JSON cannot say is refused', () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, undefined, () => 1, 1n]) {
    assert.throws(() => canonicalJson([value]), TypeError)
  }
})
