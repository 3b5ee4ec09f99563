import { WindrowError } from '../errors/windrow-error.ts'
import type { ConfigurationState } from '../ledger/states.ts'
import { didYouMean } from './did-you-mean.ts'
import type { Configuration, FieldValue } from './plan.ts'

/** What a selector looks at. */
export interface Selectable {
  readonly configuration: Pick<Configuration, 'key' | 'fields'>
  readonly state: ConfigurationState
  /** Code and message of the last failure. */
  readonly error?: string
}

/** Terms that must all hold. */
export interface Selector {
  readonly terms: readonly Term[]
  /** False when state and error do not matter, so that no ledger is needed. */
  readonly needsState: boolean
}

interface Term {
  readonly about: 'field' | 'key' | 'state' | 'error'
  readonly holds: (subject: Selectable) => boolean
}

/** The words of `windrow status` for the states, and `missing` for whatever is not committed. */
const stateWords: Readonly<Record<string, (state: ConfigurationState) => boolean>> = {
  pending: (state) => state === 'pending',
  running: (state) => state === 'running',
  retrying: (state) => state === 'retrying',
  committed: (state) => state === 'committed',
  quarantined: (state) => state === 'dead-corrupt',
  dead: (state) => state === 'dead-failed',
  cancelled: (state) => state === 'cancelled',
  missing: (state) => state !== 'committed',
}

/**
 * Reads a selector: `farm_idx=3 type_idx=0..2 seed=1,5 key=farm0_* state=dead error~memory`, as several terms or as one
 * text with spaces. All terms must hold; a comma list is one of its values. SELECTOR_INVALID names the term and what
 * would be accepted; an unknown field is found when the sweep's `fields` are given.
 */
export function parseSelector(texts: readonly string[], fields?: readonly string[]): Selector {
  const terms = texts.flatMap(splitTerms).map((text) => parseTerm(text, fields))
  return { terms, needsState: terms.some(({ about }) => about === 'state' || about === 'error') }
}

/** Whether every term of the selector holds; an empty selector takes everything. */
export function matches(selector: Selector, subject: Selectable): boolean {
  return selector.terms.every(({ holds }) => holds(subject))
}

/** `error~out of memory state=dead`: a space ends a term only where the next one begins. */
const splitTerms = (text: string) =>
  text
    .trim()
    .split(/\s+(?=[A-Za-z_][\w.]*[=~])/)
    .filter((term) => term !== '')

function parseTerm(text: string, fields: readonly string[] | undefined): Term {
  const match = /^([A-Za-z_][\w.]*)(=|~)(.*)$/s.exec(text)
  const [, name = '', operator, wanted = ''] = match ?? []
  if (!match || wanted === '') {
    throw invalid(text, 'it is not FIELD=VALUE or error~TEXT', { fields })
  }
  if (name === 'error') return errorTerm(wanted)
  if (operator === '~') throw invalid(text, 'only error can be searched with ~', { fields })
  if (name === 'state') return stateTerm(text, wanted.split(','))
  if (name === 'key') return keyTerm(text, wanted.split(','))
  if (fields && !fields.includes(name)) {
    throw invalid(text, `there is no field ${name}`, {
      fields,
      hint: didYouMean(name, [...fields, 'state', 'error', 'key']),
    })
  }
  return fieldTerm(text, name, wanted.split(','))
}

function errorTerm(wanted: string): Term {
  const lower = wanted.toLowerCase()
  return { about: 'error', holds: ({ error }) => error?.toLowerCase().includes(lower) ?? false }
}

function stateTerm(text: string, words: readonly string[]): Term {
  const known = Object.keys(stateWords)
  const tests = words.map((word) => {
    if (Object.hasOwn(stateWords, word)) return stateWords[word]!
    throw invalid(text, `there is no state ${word}`, {
      hint: `${didYouMean(word, known)} States: ${known.join(', ')}.`,
    })
  })
  return { about: 'state', holds: ({ state }) => tests.some((test) => test(state)) }
}

function keyTerm(text: string, globs: readonly string[]): Term {
  const forms = globs.map((glob) => {
    if (!/^[A-Za-z0-9._*?-]+$/.test(glob)) throw invalid(text, `${glob} is neither a key nor a pattern with * and ?`)
    return new RegExp(`^${glob.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*').replaceAll('?', '.')}$`)
  })
  return { about: 'key', holds: ({ configuration }) => forms.some((form) => form.test(configuration.key)) }
}

function fieldTerm(text: string, name: string, values: readonly string[]): Term {
  const tests = values.map((value) => valueTest(text, value))
  const holds = ({ configuration: { fields } }: Selectable) =>
    Object.hasOwn(fields, name) && tests.some((test) => test(fields[name]!))
  return { about: 'field', holds }
}

const numeral = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`
const rangeForm = new RegExp(`^(${numeral})\\.\\.(${numeral})$`, 'i')
const numberForm = new RegExp(`^${numeral}$`, 'i')

function valueTest(text: string, value: string): (field: FieldValue) => boolean {
  if (value === '') throw invalid(text, 'a value is empty')
  // `0..2` before `0.` and `.2`: the dots of a range are not decimal points.
  const range = /^[+-]?\d+\.\.[+-]?\d+$/.test(value) ? value.split('..') : rangeForm.exec(value)?.slice(1)
  if (range) {
    const [from, to] = range.map(Number) as [number, number]
    if (from > to) throw invalid(text, `the range ${value} is empty: its first number is above its last`)
    return (field) => typeof field === 'number' && from <= field && field <= to
  }
  const number = numberForm.test(value) ? Number(value) : undefined
  return (field) => (typeof field === 'number' ? field === number : field === value)
}

interface Advice {
  readonly fields?: readonly string[] | undefined
  readonly hint?: string
}

function invalid(term: string, fault: string, { fields, hint = '' }: Advice = {}): WindrowError {
  const known = fields ? ` Fields of the sweep: ${fields.join(', ')}; and key, state, error.` : ''
  return new WindrowError('SELECTOR_INVALID', {
    message: `The selector term '${term}' is not understood: ${fault}.${hint}${known}`,
    context: { term, ...(fields ? { fields } : {}) },
  })
}
