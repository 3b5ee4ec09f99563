import assert from 'node:assert/strict'
import test from 'node:test'
import { MemberNames } from './member-names.ts'

const names = () => ['b', 'init', 'a', 'd', 'c']

test('gives each name once, in whatever order they are asked for', () => {
  for (const order of [
    ['a', 'b', 'c', 'd'],
    ['d', 'c', 'b', 'a'],
    ['c', 'a', 'd', 'b'],
  ]) {
    const members = new MemberNames(names())
    assert.deepEqual(
      order.map((name) => members.take(name)),
      [true, true, true, true],
    )
    assert.deepEqual(
      order.map((name) => members.take(name)),
      [false, false, false, false],
    )
    assert.deepEqual(members.left(), ['init'])
  }
})

test('has no name that is not there, and goes on after one', () => {
  const members = new MemberNames(names())
  const asked = ['0', 'a', 'ab', 'b', 'z', 'c'].map((name) => members.take(name))
  assert.deepEqual(asked, [false, true, false, true, false, true])
  assert.deepEqual(members.left(), ['d', 'init'])
  assert.equal(new MemberNames([]).take('a'), false)
})
