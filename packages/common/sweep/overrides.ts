import { parseDocument } from 'yaml'
import { didYouMean } from './did-you-mean.ts'
import { writtenSpecificationSchema } from './specification.ts'
import type { PlacedIssue } from './specification-document.ts'
import { shownValue, valueAt } from './specification-issues.ts'

export interface Overrides {
  /** The specification with the overrides in it. */
  readonly value: unknown
  readonly issues: readonly PlacedIssue[]
  /** The argument that set what stands at `path`, if one did. */
  argumentAt(path: readonly (string | number)[]): string | undefined
}

/**
 * Puts `--set` arguments into a specification: `AXIS=POINTS` (an axis by its name), or a dotted path such as
 * `policy.attempts=5`. The value is read as YAML. An axis must be there; other parts may be set that were left to defaults.
 */
export function applyOverrides(written: unknown, args: readonly string[]): Overrides {
  let value = written
  const issues: PlacedIssue[] = []
  const applied: { path: string[]; arg: string }[] = []
  for (const arg of args) {
    const override = parseOverride(value, arg)
    if ('message' in override) {
      const issue = { code: 'SPEC_INVALID', path: [], message: override.message, accepted: override.accepted } as const
      issues.push({ issue, place: `--set ${arg}` })
      continue
    }
    value = withValueAt(value, override.path, override.value)
    applied.push({ path: override.path, arg })
  }
  const argumentAt = (path: readonly (string | number)[]) =>
    applied.findLast(({ path: set }) => set.every((part, i) => path[i] === part))?.arg
  return { value, issues, argumentAt }
}

type Override = { path: string[]; value: unknown } | { message: string; accepted: string }

function parseOverride(written: unknown, arg: string): Override {
  const forms = 'AXIS=POINTS such as ss_seed=0..9, or PATH=VALUE such as policy.attempts=5'
  const equals = arg.indexOf('=')
  if (equals < 1) return { message: `${shownValue(arg)} sets nothing`, accepted: forms }
  const parsed = parseDocument(arg.slice(equals + 1))
  const [error] = parsed.errors
  if (error) return { message: `the value is not YAML: ${error.message}`, accepted: forms }
  const path = arg.slice(0, equals).trim().split('.')
  const axes = axisNames(written)
  const [head = ''] = path
  const value: unknown = parsed.toJS()
  const target = axes.includes(head) ? ['axes', ...path] : path
  if (axes.includes(head) || Object.hasOwn(writtenSpecificationSchema.shape, head)) {
    const closed = target.findIndex((_, i) => i > 0 && !canHoldMembers(valueAt(written, target.slice(0, i))))
    if (closed < 0) return { path: target, value }
    return { message: `${target.slice(0, closed).join('.')} has no members to set`, accepted: forms }
  }
  const known = [...axes, ...Object.keys(writtenSpecificationSchema.shape)]
  return {
    message: `there is no axis and no part ${head} to set.${didYouMean(head, known)} To run a part of the sweep, use --only.`,
    accepted: known.join(', '),
  }
}

/** What is not there yet can be made to. */
const canHoldMembers = (value: unknown) =>
  value === undefined || (typeof value === 'object' && value !== null && !Array.isArray(value))

function axisNames(written: unknown): string[] {
  const axes = valueAt(written, ['axes'])
  return typeof axes === 'object' && axes !== null ? Object.keys(axes) : []
}

function withValueAt(root: unknown, path: readonly string[], value: unknown): unknown {
  const [head, ...rest] = path
  if (head === undefined) return value
  const members = typeof root === 'object' && root !== null ? root : {}
  return { ...members, [head]: withValueAt(valueAt(members, [head]), rest, value) }
}
