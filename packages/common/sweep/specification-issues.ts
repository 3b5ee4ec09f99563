import { z } from 'zod'
import type { ErrorCode } from '../errors/catalogue.ts'
import { didYouMean } from './did-you-mean.ts'

/** One thing that is wrong with a specification, before it is known where that stands in a file. */
export interface SpecificationIssue {
  readonly code: Extract<ErrorCode, 'SPEC_INVALID' | 'SPEC_UNREADABLE' | 'KEY_INVALID' | 'OPTIMIZER_UNKNOWN'>
  readonly path: readonly (string | number)[]
  /** The issue is with the name at the end of the path, not with its value. */
  readonly atName?: boolean
  readonly message: string
  readonly accepted?: string
}

/** The path as people write it: `axes.farm[3].x`. */
export function dottedPath(path: readonly (string | number)[]): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('')
}

/** What a schema of this folder found wrong with `input`, in the words of its `error` texts. */
export function issuesOf(schema: z.ZodType, error: z.ZodError, input: unknown): SpecificationIssue[] {
  return error.issues.flatMap((issue) => describeIssue({ schema, input }, issue, []))
}

/** OPTIMIZER_UNKNOWN when `written` names an optimizer that is not among those known. */
export function optimizerIssues(written: unknown, known: readonly string[]): SpecificationIssue[] {
  const path = ['optimizer', 'name']
  const name = valueAt(written, path)
  if (typeof name !== 'string' || known.includes(name)) return []
  const message = `optimizer.name is ${shownValue(name)}${hint(name, known)}`
  return [{ code: 'OPTIMIZER_UNKNOWN', path, message, accepted: `one of the optimizers: ${known.join(', ')}` }]
}

type ZodIssue = z.core.$ZodIssue
interface Subject {
  readonly schema: z.ZodType
  readonly input: unknown
}

function describeIssue(subject: Subject, issue: ZodIssue, above: readonly (string | number)[]): SpecificationIssue[] {
  const path = [...above, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))]
  if (issue.code === 'unrecognized_keys') {
    const known = namesAt(subject.schema, path)
    return issue.keys.map((name) => ({
      code: 'SPEC_INVALID',
      path: [...path, name],
      atName: true,
      message: `${dottedPath([...path, name])} is not known${hint(name, known)}`,
      accepted: known.join(', '),
    }))
  }
  if (issue.code === 'invalid_union') {
    const meant = issue.errors.find(
      (branch) => !branch.some(({ code, path }) => code === 'invalid_type' && path.length === 0),
    )
    if (meant) return meant.flatMap((inner) => describeIssue(subject, inner, path))
  }
  if (issue.code === 'invalid_key') {
    const message = `${dottedPath(path)} is not accepted as a name`
    return [{ code: 'SPEC_INVALID', path, atName: true, message, accepted: issue.issues[0]?.message ?? issue.message }]
  }
  const value = valueAt(subject.input, path)
  return [
    {
      code: 'SPEC_INVALID',
      path,
      message:
        value === undefined
          ? `${dottedPath(path)} is missing`
          : `${dottedPath(path) || 'the specification'} is ${shownValue(value)}${issue.code === 'invalid_value' ? hint(String(value), issue.values.map(String)) : ''}`,
      accepted: issue.message,
    },
  ]
}

function hint(name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known)
  return meant && `.${meant}`
}

/** A value as an error shows it: short, on one line. */
export function shownValue(value: unknown): string {
  const json = JSON.stringify(value) ?? String(value)
  return json.length <= 60 ? json : `${json.slice(0, 57)}...`
}

export function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  let value = root
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined
    value = Reflect.get(value, part)
  }
  return value
}

/** The names that the object at `path` of a schema may have. */
function namesAt(schema: z.ZodType, path: readonly (string | number)[]): string[] {
  let candidates = [schema]
  for (const part of path)
    candidates = candidates.flatMap(unwrapped).flatMap((candidate) => childrenOf(candidate, part))
  return candidates
    .flatMap(unwrapped)
    .flatMap((candidate) => (candidate instanceof z.ZodObject ? Object.keys(candidate.shape) : []))
}

function unwrapped(schema: unknown): z.ZodType[] {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrapped(schema.unwrap())
  }
  if (schema instanceof z.ZodUnion) return schema.options.flatMap(unwrapped)
  return schema instanceof z.ZodType ? [schema] : []
}

function childrenOf(schema: z.ZodType, part: string | number): z.ZodType[] {
  if (schema instanceof z.ZodObject) return part in schema.shape ? unwrapped(schema.shape[part]) : []
  if (schema instanceof z.ZodRecord) return unwrapped(schema.valueType)
  return schema instanceof z.ZodArray ? unwrapped(schema.element) : []
}
