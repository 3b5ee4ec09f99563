import assert from 'node:assert/strict'
import { test } from 'node:test'
import { specificationSchema } from '@windrow/common/sweep/specification.ts'
import { z } from 'zod'
import { documentationPages } from './pages.ts'

const described = z.looseObject({
  default: z.unknown().optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
})
/** Their members are the user's own, or stand in a file. */
const leaves = ['axes', 'model.site']

test('the README has every field of the specification with its default', () => {
  const readme = documentationPages().find(({ path }) => path === 'README.md')!.text
  const rows = Array.from(readme.matchAll(/^\| `([a-z_.]+)` \| (?:`([^`]*)`)? ?\| /gm), ([, field, value]) => [
    field!,
    value,
  ])
  const schema = z.toJSONSchema(specificationSchema, { io: 'input', unrepresentable: 'any' })
  assert.deepEqual(Object.fromEntries(rows), Object.fromEntries(fieldsOf(schema)))
})

function fieldsOf(schema: unknown, path = ''): [string, string | undefined][] {
  const { properties, default: value } = described.parse(schema)
  if (properties === undefined || leaves.includes(path)) {
    return [[path, value === undefined ? undefined : String(value)]]
  }
  return Object.entries(properties).flatMap(([name, member]) => fieldsOf(member, path ? `${path}.${name}` : name))
}
