import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hostNameOf } from './host-name.ts'

test('under SLURM a host is called as its node, unless that is no name', () => {
  assert.equal(hostNameOf({}, 'vm'), 'vm')
  assert.equal(hostNameOf({ SLURMD_NODENAME: 'node-12.ib' }, 'vm'), 'node-12.ib')
  for (const odd of ['', 'a/b', 'a|b', '../x', 'x'.repeat(300)])
    assert.equal(hostNameOf({ SLURMD_NODENAME: odd }, 'vm'), 'vm')
})
