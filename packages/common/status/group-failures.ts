import type { FieldValue } from '../sweep/plan.ts'

export interface FailedConfiguration {
  readonly key: string
  readonly cause: string
  readonly message: string
  readonly host: string
}

/** Failures of one cause or one host. */
export interface FailureGroup {
  readonly name: string
  readonly count: number
  readonly of: number
  /** One of them, to begin looking at. */
  readonly example: { readonly key: string; readonly message: string }
}

/** The failures by cause or by host, the most frequent first. */
export function groupFailures(failures: readonly FailedConfiguration[], by: 'cause' | 'host'): FailureGroup[] {
  const groups = new Map<string, FailedConfiguration[]>()
  for (const failure of failures) {
    const group = groups.get(failure[by])
    if (group) group.push(failure)
    else groups.set(failure[by], [failure])
  }
  return [...groups]
    .map(([name, members]) => {
      const { key, message } = members[0]!
      return { name, count: members.length, of: failures.length, example: { key, message } }
    })
    .sort((a, b) => b.count - a.count || (a.name < b.name ? -1 : 1))
}

/** An axis value where failures gather. */
export interface Explanation {
  readonly field: string
  readonly value: FieldValue
  /** Failures that have the value, of all failures. */
  readonly failures: number
  readonly ofFailures: number
  /** Configurations with the value that have been tried (committed, or failed). */
  readonly ofTried: number
}

export interface TriedConfiguration {
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly failed: boolean
}

/**
 * The axis values that explain the failures best, the best first: a value that most failures have, and most of whose
 * configurations fail. Measured by the harmonic mean of the two shares (the F1 score); a value counts when that is at
 * least a half and its configurations fail at least one and a half times as often as all do. Two failures at least.
 */
export function explainFailures(tried: Iterable<TriedConfiguration>, most = 3): Explanation[] {
  const byField = new Map<string, Map<FieldValue, { failed: number; tried: number }>>()
  let [allFailed, allTried] = [0, 0]
  for (const { fields, failed } of tried) {
    allTried++
    if (failed) allFailed++
    for (const [field, value] of Object.entries(fields)) count(byField, { field, value, failed })
  }
  if (allFailed < 2) return []
  const scored: { score: number; explanation: Explanation }[] = []
  for (const [field, values] of byField) {
    for (const [value, { failed, tried }] of values) {
      const [covered, failing] = [failed / allFailed, failed / tried]
      const score = failed === 0 ? 0 : (2 * covered * failing) / (covered + failing)
      if (score < leastScore || failing < leastLift * (allFailed / allTried)) continue
      const explanation = { field, value, failures: failed, ofFailures: allFailed, ofTried: tried }
      scored.push({ score, explanation })
    }
  }
  const found = scored.sort((a, b) => b.score - a.score).map(({ explanation }) => explanation)
  return found.filter((explanation, i) => !found.slice(0, i).some((other) => says(other, explanation))).slice(0, most)
}

/** Fields of one axis (an area's number, name and turbines) tell the same configurations apart: one of them is enough. */
const says = (a: Explanation, b: Explanation) => a.failures === b.failures && a.ofTried === b.ofTried

const leastScore = 0.5
const leastLift = 1.5

type ValueCounts = Map<FieldValue, { failed: number; tried: number }>

function count(
  byField: Map<string, ValueCounts>,
  { field, value, failed }: { field: string; value: FieldValue; failed: boolean },
): void {
  const values = byField.get(field) ?? new Map<FieldValue, { failed: number; tried: number }>()
  byField.set(field, values)
  const counts = values.get(value) ?? { failed: 0, tried: 0 }
  counts.tried++
  if (failed) counts.failed++
  values.set(value, counts)
}
