import { parseDurationMs, parseDurationRangeMs, parseSizeBytes } from './notation.ts'
import type { Specification } from './specification.ts'

/** The policy of a sweep in units. It may change at any time: no result depends on it. */
export interface Policy {
  readonly attempts: number
  readonly backoff: { readonly fromMs: number; readonly toMs: number }
  /** undefined: no limit. */
  readonly timeoutMs: number | undefined
  /** undefined: no limit. */
  readonly memoryBytes: number | undefined
  readonly lockMs: number
  /** As declared; merging/tolerance.ts makes it a number of configurations. */
  readonly tolerance: string | number
  readonly priority: number
  /** undefined: no host is ever set aside. */
  readonly badHost: number | undefined
}

/** Reads the policy out of a specification, whose schema has accepted every part of it. */
export function policyOf({ policy }: Pick<Specification, 'policy'>): Policy {
  return {
    attempts: policy.attempts,
    backoff: accepted(parseDurationRangeMs(policy.backoff), 'backoff'),
    timeoutMs: policy.timeout === 'none' ? undefined : accepted(parseDurationMs(policy.timeout), 'timeout'),
    memoryBytes: policy.memory === 'none' ? undefined : accepted(parseSizeBytes(policy.memory), 'memory'),
    lockMs: accepted(parseDurationMs(policy.lock), 'lock'),
    tolerance: policy.tolerance,
    priority: policy.priority,
    badHost: policy.bad_host === 'none' ? undefined : policy.bad_host,
  }
}

function accepted<Value>(value: Value | undefined, field: string): Value {
  if (value === undefined) throw new TypeError(`policy.${field} was not parsed with the schema`)
  return value
}
