import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { defaultResultLimits } from '../results/result-schema.ts'
import type { RefusalReason, ResultExpectation, Validator } from '../results/verdict.ts'
import { type FileKind, recognise } from './recognition.ts'
import type { MergedVerification } from './verification.ts'
import { verifyMergedDescriptor } from './verify-merged.ts'

export interface CheckPorts {
  readonly validate: Validator['validate']
  /** What the specification asks of a configuration; undefined when it has none of this key. Left out: no specification. */
  readonly expectationFor?: (key: string) => ResultExpectation | undefined
}

/** What `windrow check FILE --json` prints of one file. */
export interface FileCheck {
  readonly path: string
  readonly bytes: number
  /** 'unknown': damaged beyond recognition, or not a file of a layout known to this version. */
  readonly kind: 'result' | 'merged' | 'unknown'
  readonly ok: boolean
  /** Of a result: the configuration it is of. */
  readonly key?: string
  readonly contentSha256?: string
  /** Why a result, or a file that is neither, was refused. */
  readonly refusal?: { readonly reason: RefusalReason | 'unknown-layout'; readonly detail: string }
  /** Of a merged file: what `windrow verify` says. */
  readonly verification?: MergedVerification
  readonly notChecked: readonly string[]
}

const withoutSpecification = [
  'the configuration it was made for, turbine count, boundary, spacing and AEP (--spec gives what they are held against)',
]

/**
 * Recognises a file by its contents and checks it as what it is: a result, or a merged file. Damage is reported, not
 * thrown.
 * @throws WindrowError FILE_UNREADABLE when the file cannot be opened.
 */
export async function checkFile(path: string, ports: CheckPorts): Promise<FileCheck> {
  const fd = openForReading(path)
  try {
    const bytes = fstatSync(fd).size
    const kind = await kindOf(fd, bytes)
    if (typeof kind === 'object') {
      return { path, bytes, kind: 'unknown', ok: false, refusal: kind, notChecked: ['its contents'] }
    }
    if (kind === 'merged') return await checkMerged(path, fd, bytes)
    if (kind === 'result' || kind === 'damaged') return await checkResult(path, { fd, bytes, kind }, ports)
    const detail = 'It is HDF5, but not a file of a layout known to this version of Windrow.'
    const refusal = { reason: 'unknown-layout' as const, detail }
    return { path, bytes, kind: 'unknown', ok: false, refusal, notChecked: ['its contents'] }
  } finally {
    closeSync(fd)
  }
}

async function checkMerged(path: string, fd: number, bytes: number): Promise<FileCheck> {
  const { certificateSha256: _, merged: _all, ...verification } = await verifyMergedDescriptor(fd, path)
  const { ok, notChecked } = verification
  return { path, bytes, kind: 'merged', ok, verification, notChecked }
}

async function checkResult(
  path: string,
  { fd, bytes, kind }: { fd: number; bytes: number; kind: 'result' | 'damaged' },
  { validate, expectationFor }: CheckPorts,
): Promise<FileCheck> {
  const found = { path, bytes, kind: kind === 'result' ? ('result' as const) : ('unknown' as const) }
  const { largestFileBytes } = defaultResultLimits
  if (bytes > largestFileBytes) {
    const detail = `The file has ${bytes} bytes; at most ${largestFileBytes} are read.`
    return { ...found, ok: false, refusal: { reason: 'too-large', detail }, notChecked: ['its contents'] }
  }
  const content = readFileSync(fd)
  const verdict = await validate(content, {})
  if (!verdict.ok) return { ...found, ok: false, refusal: verdict, notChecked: ['everything after the first fault'] }
  const { contentSha256 } = verdict
  const { key } = verdict.contents
  if (!expectationFor) return { ...found, ok: true, key, contentSha256, notChecked: withoutSpecification }
  const expectation = expectationFor(key)
  if (!expectation) {
    const refusal = { reason: 'wrong-key' as const, detail: `The specification has no configuration ${key}.` }
    return { ...found, ok: false, key, contentSha256, refusal, notChecked: withoutSpecification }
  }
  const asExpected = await validate(content, { key, ...expectation, mayBeSalvaged: true })
  const notChecked = notAskedFor(expectation)
  if (asExpected.ok) return { ...found, ok: true, key, contentSha256, notChecked }
  return { ...found, ok: false, key, contentSha256, refusal: asExpected, notChecked }
}

function notAskedFor(expectation: ResultExpectation): string[] {
  const asked = {
    configurationDigest: 'the configuration it was made for',
    nTurbines: 'turbine count',
    boundary: 'boundary',
    minSpacingM: 'spacing',
    problem: 'AEP',
  } as const
  const names = Object.keys(asked) as (keyof typeof asked)[]
  return names.filter((name) => expectation[name] === undefined).map((name) => asked[name])
}

/** What the file is, or why it is refused when not even that can be found out. */
async function kindOf(fd: number, bytes: number): Promise<FileKind | NonNullable<FileCheck['refusal']>> {
  const outcome = await recognise(fd, bytes)
  if (outcome.kind === 'answer') return outcome.answer
  if (outcome.kind === 'crashed') return { reason: 'reader-crashed', detail: `The reader crashed: ${outcome.reason}.` }
  return { reason: 'reader-timeout', detail: `Reading the file took longer than ${outcome.silenceMs} ms.` }
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    const message = `${path} cannot be opened: ${messageOf(cause)}`
    throw new WindrowError('FILE_UNREADABLE', { message, cause, context: { path } })
  }
}
