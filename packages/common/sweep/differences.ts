import { canonicalJson } from './canonical-json.ts'
import type { Specification } from './specification.ts'
import { shownValue } from './specification-issues.ts'

export interface Difference {
  /** `axes.farm[3].x[0]`, `optimizer.grid_size`. */
  readonly path: string
  /** As shown to people; `none` where there is nothing. */
  readonly old: string
  readonly new: string
}

/** Where two specifications differ in what changes results; at most `limit` places, in order. */
export function differencesOf(old: Specification, next: Specification, limit = 20): Difference[] {
  const found: Difference[] = []
  const identityOf = ({ key, axes, model, optimizer }: Specification) => ({ key, axes, model, optimizer })
  collect({ old: identityOf(old), next: identityOf(next), path: '' }, found, limit)
  return found
}

interface Pair {
  readonly old: unknown
  readonly next: unknown
  readonly path: string
}

function collect({ old, next, path }: Pair, found: Difference[], limit: number): void {
  if (found.length >= limit || path === 'model.site.source') return
  if (Array.isArray(old) && Array.isArray(next)) {
    for (let i = 0; i < Math.max(old.length, next.length) && found.length < limit; i++) {
      collect({ old: old[i], next: next[i], path: `${path}[${i}]` }, found, limit)
    }
  } else if (isRecord(old) && isRecord(next)) {
    for (const name of new Set([...Object.keys(old), ...Object.keys(next)])) {
      collect({ old: own(old, name), next: own(next, name), path: path ? `${path}.${name}` : name }, found, limit)
    }
  } else if (old === undefined || next === undefined || canonicalJson(old) !== canonicalJson(next)) {
    if (old !== next) found.push({ path, old: shown(old), new: shown(next) })
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const own = (record: Record<string, unknown>, name: string) => (Object.hasOwn(record, name) ? record[name] : undefined)
const shown = (value: unknown) => (value === undefined ? 'none' : shownValue(value))
