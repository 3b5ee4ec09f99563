import { readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { LineCounter, parseDocument } from 'yaml'
import { messageOf } from '../errors/windrow-error.ts'
import { didYouMean } from './did-you-mean.ts'
import { type SpecificationIssue, shownValue } from './specification-issues.ts'

/** What an include came to: the value, or what is wrong with it. */
export type Included = { readonly value: unknown } | { readonly issue: SpecificationIssue }

/**
 * Reads what `FILE#MEMBER` or `FILE#/JSON/POINTER` names, from a JSON or YAML file beside the specification. Never from a
 * URL: a sweep must not depend on what a server says today.
 */
export async function include(specificationFile: string, reference: string): Promise<Included> {
  const [name, fragment] = splitOnce(reference, '#')
  const refused = (message: string, accepted?: string): Included => ({
    issue: { code: 'SPEC_INVALID', path: [], message, ...(accepted === undefined ? {} : { accepted }) },
  })
  if (/^[a-z][a-z0-9+.-]+:/i.test(name)) {
    return refused(
      `${shownValue(reference)} is a URL, and nothing is fetched from URLs`,
      'a file beside the specification',
    )
  }
  if (name === '') return refused(`${shownValue(reference)} names no file`, 'FILE or FILE#MEMBER')
  const path = resolve(dirname(specificationFile), name)
  const content = await readInclude(path, name)
  return 'issue' in content || fragment === undefined ? content : memberOf(content.value, { name, fragment, refused })
}

async function readInclude(path: string, name: string): Promise<Included> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (cause) {
    return {
      issue: {
        code: 'SPEC_UNREADABLE',
        path: [],
        message: `the included file ${path} cannot be read: ${messageOf(cause)}`,
      },
    }
  }
  const isJson = basename(name).toLowerCase().endsWith('.json')
  if (isJson) {
    try {
      return { value: JSON.parse(text) }
    } catch (cause) {
      return { issue: notReadable(placeOfFault(path, text), 'JSON', messageOf(cause)) }
    }
  }
  const document = parseDocument(text, { prettyErrors: false })
  const [error] = document.errors
  return error ? { issue: notReadable(placeOfFault(path, text), 'YAML', error.message) } : { value: document.toJS() }
}

function notReadable(place: string, language: string, fault: string): SpecificationIssue {
  return { code: 'SPEC_INVALID', path: [], message: `the included file ${place} is not ${language}: ${fault}` }
}

/** `FILE:LINE:COLUMN` of the first fault. JSON is read as YAML for it, because JSON.parse often tells no place. */
function placeOfFault(path: string, text: string): string {
  const lines = new LineCounter()
  const [error] = parseDocument(text, { lineCounter: lines, prettyErrors: false }).errors
  if (!error) return path
  const { line, col } = lines.linePos(error.pos[0])
  return `${path}:${line}:${col}`
}

interface Wanted {
  readonly name: string
  readonly fragment: string
  readonly refused: (message: string, accepted?: string) => Included
}

function memberOf(root: unknown, { name, fragment, refused }: Wanted): Included {
  const steps = fragment.startsWith('/') ? pointerSteps(fragment) : [fragment]
  let value = root
  for (const step of steps) {
    if (typeof value !== 'object' || value === null)
      return refused(`${name}#${fragment} leads into ${shownValue(value)}`)
    if (!Object.hasOwn(value, step)) {
      const members = Object.keys(value)
      return refused(
        `${name} has no ${step} where #${fragment} looks.${didYouMean(step, members)}`,
        members.slice(0, 20).join(', '),
      )
    }
    value = Reflect.get(value, step)
  }
  return { value }
}

/** RFC 6901: ~1 stands for /, ~0 for ~. */
function pointerSteps(pointer: string): string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}
