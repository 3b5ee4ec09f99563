import assert from 'node:assert/strict'
import { test } from 'node:test'
import { planOfSpecification } from '@windrow/common/sweep/expand.ts'
import { smallSpecification } from '@windrow/common/sweep/small-specification.ts'
import { specificationSchema } from '@windrow/common/sweep/specification.ts'
import { identifyRow } from './identify-row.ts'

const small = planOfSpecification(smallSpecification())
const { axes, ...rest } = smallSpecification()
const indexed = planOfSpecification(
  specificationSchema.parse({
    ...rest,
    key: 'north-{farm_id}.{seed}',
    axes: { ...axes, area: [{ ...Object(axes.area![0]), farm_id: 4 }], turbine: [axes.turbine![0]] },
  }),
)

test('a row with a name of its own is found by exactly that name', () => {
  assert.equal(small.keyAt(identifyRow({ key: 'a1_big_s2', fields: {} }, small)!), 'a1_big_s2')
  assert.equal(identifyRow({ key: 'A1_big_s2', fields: {} }, small), undefined)
  assert.equal(identifyRow({ key: 'a9_big_s2', fields: {} }, small), undefined)
})

test('a row with indices is found by the key they make in the pattern of the sweep', () => {
  const fields = { farm_idx: 4, type_idx: 0, ss_seed: 1 }
  assert.equal(indexed.keyAt(identifyRow({ key: 'farm4_t0_s1', fields }, indexed)!), 'north-4.1')
  assert.equal(identifyRow({ key: 'farm5_t0_s1', fields: { ...fields, farm_idx: 5 } }, indexed), undefined)
})

test('a pattern with fields that indices say nothing of has none of such rows', () => {
  assert.equal(identifyRow({ key: 'farm0_t0_s1', fields: { farm_idx: 0, type_idx: 0, ss_seed: 1 } }, small), undefined)
})
