import { type Document, isMap, isNode, isScalar, LineCounter, type Node, parseDocument, type YAMLError } from 'yaml'
import { WindrowError } from '../errors/windrow-error.ts'
import { dottedPath, type SpecificationIssue } from './specification-issues.ts'

export interface Place {
  readonly file: string
  /** From 1; undefined when the place is the file as a whole. */
  readonly line?: number
  readonly column?: number
}

/** A specification as it stands in its file: the values, and where each of them is. */
export interface SpecificationDocument {
  readonly file: string
  readonly value: unknown
  /** Where the value at `path` stands, or the nearest that is there above it. */
  placeOf(path: readonly (string | number)[], atName?: boolean): Place
}

/** Reads YAML (JSON is YAML). SPEC_INVALID names every place that is not. */
export function parseSpecificationDocument(file: string, text: string): SpecificationDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false })
  const placeAt = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col }
  }
  if (document.errors.length > 0) {
    refuse(
      file,
      document.errors.map((error) => ({ issue: syntaxIssue(error), place: placeAt(error.pos[0]) })),
    )
  }
  return {
    file,
    value: toValues(document, file),
    placeOf: (path, atName = false) => {
      const offset = offsetOf(document, path, atName)
      return offset === undefined ? { file } : placeAt(offset)
    },
  }
}

export interface PlacedIssue {
  readonly issue: SpecificationIssue
  /** Text instead of a place: `--set policy.attempts=99`. */
  readonly place: Place | string
}

/** Throws all issues as one error; its code is theirs when they agree, else SPEC_INVALID. */
export function refuse(file: string, issues: readonly PlacedIssue[]): never {
  const codes = new Set(issues.map(({ issue }) => issue.code))
  const sorted = issues.toSorted((a, b) => lineOf(a) - lineOf(b))
  const described = sorted.map(({ issue, place }) => {
    const accepted = issue.accepted ? ` (accepted: ${issue.accepted})` : ''
    return `${placeText(place)}: ${issue.message}${accepted}`
  })
  const [code] = codes
  throw new WindrowError(codes.size === 1 && code ? code : 'SPEC_INVALID', {
    message:
      issues.length === 1 ? described.join('') : `${issues.length} errors in ${file}:\n  ${described.join('\n  ')}`,
    context: {
      file,
      issues: sorted.map(({ issue, place }) => ({
        ...(typeof place === 'string' ? { argument: place } : place),
        path: dottedPath(issue.path),
        message: issue.message,
        accepted: issue.accepted,
      })),
    },
  })
}

function placeText(place: Place | string): string {
  if (typeof place === 'string') return place
  return place.line === undefined ? place.file : `${place.file}:${place.line}:${place.column}`
}

const lineOf = ({ place }: PlacedIssue) => (typeof place === 'string' ? 0 : (place.line ?? 0))

function syntaxIssue(error: YAMLError): SpecificationIssue {
  return { code: 'SPEC_INVALID', path: [], message: `this is not YAML: ${error.message}` }
}

function toValues(document: Document, file: string): unknown {
  try {
    return document.toJS()
  } catch (cause) {
    // Aliases without an anchor, or so many of them that they can only be meant to fill the memory.
    const message = `this cannot be read as values: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new WindrowError('SPEC_INVALID', { message: `${file}: ${message}`, cause, context: { file } })
  }
}

function offsetOf(document: Document, path: readonly (string | number)[], atName: boolean): number | undefined {
  const name = path.at(-1)
  if (atName && name !== undefined) {
    const above = nodeAt(document, path.slice(0, -1))
    const pair = isMap(above) ? above.items.find(({ key }) => isScalar(key) && String(key.value) === name) : undefined
    if (isNode(pair?.key) && pair.key.range) return pair.key.range[0]
  }
  for (let depth = path.length; depth >= 0; depth--) {
    const node = nodeAt(document, path.slice(0, depth))
    if (!node?.range) continue
    if (depth === path.length || depth === 0 || isScalar(node)) return node.range[0]
    // What is missing is missing from this one: its name is a better place than its first member.
    return offsetOf(document, path.slice(0, depth), true)
  }
  return undefined
}

function nodeAt(document: Document, path: readonly (string | number)[]): Node | undefined {
  const node = path.length === 0 ? document.contents : document.getIn(path, true)
  return isNode(node) ? node : undefined
}
