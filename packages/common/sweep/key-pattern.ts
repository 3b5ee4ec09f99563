import { didYouMean } from './did-you-mean.ts'
import { type Field, type FieldTable, fieldValueAt } from './fields.ts'
import type { SpecificationIssue } from './specification-issues.ts'
import { shownValue } from './specification-issues.ts'

export type KeyPart = string | Field

export const keyRule = 'letters, digits, dot, _ and -, at most 96, starting with a letter or digit'
const keyForm = /^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/
const keyCharacters = /^[A-Za-z0-9._-]+$/

/** Why `key` cannot name a configuration; undefined when it can. */
export function keyFault(key: string): string | undefined {
  if (!keyForm.test(key)) return `the key ${shownValue(key)} is not made of ${keyRule}`
  // Case does not count: file systems that ignore it must keep the keys apart as well.
  return key.toLowerCase() === 'init'
    ? `the key ${shownValue(key)} is reserved for the index of the merged file`
    : undefined
}

/** Takes a pattern such as `farm{farm_idx}_s{seed}` apart; what is wrong with it goes into `issues`. */
export function parseKeyPattern(pattern: string, fields: FieldTable, issues: SpecificationIssue[]): KeyPart[] {
  const parts: KeyPart[] = []
  const refuse = (message: string, accepted: string) =>
    issues.push({ code: 'SPEC_INVALID', path: ['key'], message, accepted })
  for (const piece of pattern.match(/\{[^{}]*\}|[^{}]+|[{}]/g) ?? []) {
    if (piece === '{' || piece === '}') {
      refuse(`key is ${shownValue(pattern)}, with a ${piece} that has no partner`, 'pairs of braces around field names')
    } else if (piece.startsWith('{')) {
      const field = fieldNamed(piece.slice(1, -1).trim(), fields, refuse)
      if (field) parts.push(field)
    } else {
      if (!keyCharacters.test(piece)) {
        issues.push({
          code: 'KEY_INVALID',
          path: ['key'],
          message: `key contains ${shownValue(piece)}`,
          accepted: keyRule,
        })
      }
      parts.push(piece)
    }
  }
  for (const part of new Set(parts)) if (typeof part !== 'string') checkValues(part, issues)
  return parts
}

function fieldNamed(
  name: string,
  fields: FieldTable,
  refuse: (message: string, accepted: string) => void,
): Field | undefined {
  const found = fields.find(name)
  if (found.length === 1) return found[0]
  const names = fields.all.map((field) => field.name)
  if (found.length > 1) {
    const choices = found.map((field) => `{${field.name}}`).join(', ')
    refuse(`key uses {${name}}, which the axes ${found.map(({ axis }) => axis.name).join(' and ')} both have`, choices)
  } else {
    refuse(
      `key uses {${name}}, which no axis has.${didYouMean(name, names)}`,
      names.map((field) => `{${field}}`).join(', '),
    )
  }
  return undefined
}

/** Every point must have the field, in characters a key may have. The first fault of a field is enough. */
function checkValues(field: Field, issues: SpecificationIssue[]): void {
  const { axis, member } = field
  for (let i = 0; i < axis.length; i++) {
    const value = fieldValueAt(field, i)
    if (value !== undefined && keyCharacters.test(String(value))) continue
    const path = ['axes', axis.name, i, ...(member !== undefined && value !== undefined ? [member] : [])]
    issues.push(
      value === undefined
        ? {
            code: 'SPEC_INVALID',
            path,
            message: `point ${i} of axis ${axis.name} has no ${member}, which key uses`,
            accepted: `a number or a text as ${member} in every point`,
          }
        : {
            code: 'KEY_INVALID',
            path,
            message: `${field.name} is ${shownValue(value)} and becomes a part of keys`,
            accepted: 'letters, digits, dot, _ and -',
          },
    )
    return
  }
}
