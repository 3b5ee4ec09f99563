import { createHash, hash } from 'node:crypto'
import { axesOf } from './axes.ts'
import { canonicalJson } from './canonical-json.ts'
import type { FieldValue } from './plan.ts'
import type { Specification } from './specification.ts'

/**
 * The identity digest of a sweep: SHA-256 over what changes results (axes, key, model, optimizer, everything inlined).
 * `0..2` and `[0, 1, 2]` are one axis; policy, merge, the sweep's name and the site's `source` do not count.
 */
export function identityDigest(specification: Specification): string {
  const digest = createHash('sha256')
  const { key, model, optimizer } = digestables(specification)
  digest.update(canonicalJson({ schema: 1, key, model, optimizer }))
  for (const axis of axesOf(specification)) {
    digest.update(`\n${canonicalJson({ axis: axis.name, length: axis.length })}`)
    for (let from = 0; from < axis.length; from += 4096) {
      const to = Math.min(axis.length, from + 4096)
      const points = Array.from({ length: to - from }, (_, i) => canonicalJson(axis.digestableAt(from + i)))
      digest.update(`\n${points.join('\n')}`)
    }
  }
  return digest.digest('hex')
}

/** What stands for one point of each axis, by axis name. */
export type DigestablePoint = Readonly<Record<string, FieldValue | { readonly sha256: string }>>

/**
 * Digests of single configurations: SHA-256 over the canonical JSON of `{key, model, optimizer, point, schema: 1}`, where
 * model and optimizer stand as their own digests and an object point as `{sha256}` of its canonical JSON. Other points
 * do not enter, so an extension keeps the digests of what is there.
 */
export function configurationDigests(specification: Specification): (key: string, point: DigestablePoint) => string {
  const { model, optimizer } = digestables(specification)
  const shared = canonicalJson({ model, optimizer }).slice(1, -1)
  return (key, point) =>
    hash('sha256', `{"key":${JSON.stringify(key)},${shared},"point":${canonicalJson(point)},"schema":1}`, 'hex')
}

/** Digests of the parts that all configurations share. */
export function digestables({ key, model, optimizer }: Specification): {
  key: string
  model: string
  optimizer: string
} {
  const { source: _source, ...site } = model.site
  const digestOf = (value: unknown) => hash('sha256', canonicalJson(value), 'hex')
  return { key, model: digestOf({ ...model, site }), optimizer: digestOf(optimizer) }
}
