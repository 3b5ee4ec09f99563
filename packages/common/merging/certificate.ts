import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Account, type AccountCounts, positionsIn } from './account.ts'
import { type MergedDigests, mergeLayouts } from './input-digest.ts'
import type { Tolerance } from './tolerance.ts'

const countSchema = z.int().nonnegative()
const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)
const failedSchema = z.strictObject({ key: z.string(), cause: z.string().optional() })
const mergedSchema = z.strictObject({ key: z.string(), contentSha256: digestSchema })

/** Of a merge of files: what was in the folder, and is not in the merged file. */
const filesSchema = z.strictObject({
  /** The expected configurations are those of a specification; otherwise those that were found. */
  specification: z.boolean(),
  read: countSchema,
  /** Files of which nothing was taken. Without a specification nobody knows how many configurations they hold: one at least. */
  refused: z.array(z.strictObject({ file: z.string(), cause: z.string() })),
  /** Configurations of which files hold different versions; none of them was taken. */
  conflicts: z.array(z.strictObject({ key: z.string(), files: z.array(z.string()) })),
  /** Parts of merged configurations that could not be carried over. */
  notCarried: z.array(z.strictObject({ key: z.string(), place: z.string(), why: z.string() })),
})
export type CertifiedFiles = z.infer<typeof filesSchema>

const head = {
  schema: z.literal(1),
  sweep: z.string(),
  /** SHA-256 of everything in the specification that changes results. */
  identityDigest: z.string(),
  layout: z.enum(mergeLayouts),
  counts: z.strictObject({
    expected: countSchema,
    merged: countSchema,
    quarantined: countSchema,
    dead: countSchema,
    missing: countSchema,
    salvaged: countSchema,
    plausible: countSchema,
  }),
  tolerance: z.strictObject({ declared: z.string(), allowed: countSchema }),
  /** The shortfall is within the tolerance. */
  complete: z.boolean(),
  /** What is short and why; null when nothing is. */
  shortfall: z.strictObject({ configurations: countSchema, why: z.string() }).nullable(),
  files: filesSchema.optional(),
  /** SHA-256 over the lines `key content_sha256` of every merged configuration, by key. */
  mergedSha256: digestSchema,
} as const

/** A certificate without the lists of its configurations. */
export const certificateHeadSchema = z.strictObject(head)
export type CertificateHead = z.infer<typeof certificateHeadSchema>

/** What stands in each of the lists that follow, in their order; every expected configuration is in exactly one. */
export const certificateLists = {
  quarantined: failedSchema,
  dead: failedSchema,
  missing: z.string(),
  merged: mergedSchema,
} as const

/** The certificate of a merged file: the account of every configuration expected in it. Nothing in it depends on time, host or attempt. */
const certificateSchema = z
  .strictObject({
    ...head,
    quarantined: z.array(failedSchema),
    dead: z.array(failedSchema),
    missing: z.array(z.string()),
    merged: z.array(mergedSchema),
  })
  .superRefine((certificate, context) => {
    for (const message of contradictions(certificate)) context.addIssue({ code: 'custom', message })
  })
export type Certificate = z.infer<typeof certificateSchema>

export interface CertificateFacts {
  readonly sweep: string
  readonly identityDigest: string
  readonly layout: CertificateHead['layout']
  readonly tolerance: Tolerance
  readonly files?: CertifiedFiles | undefined
  readonly account: Account
  readonly merged: MergedDigests
}

/** Draws up the certificate of a merge: all but its lists, which `certificateText` takes from the account. */
export function certify({ account, tolerance, merged, files, ...facts }: CertificateFacts): CertificateHead {
  const { sweep, identityDigest, layout } = facts
  const { counts } = account
  const absent = shortfallOf(counts, files)
  const all = createHash('sha256')
  for (const position of positionsIn(account, 'merged')) {
    all.update(mergedLine(account.keyAt(position), merged.contentSha256At(position)))
  }
  return {
    schema: 1,
    ...{ sweep, identityDigest, layout },
    counts: { ...counts },
    tolerance: { ...tolerance },
    complete: absent <= tolerance.allowed,
    shortfall: absent === 0 ? null : { configurations: absent, why: explain(counts, tolerance, files) },
    ...(files && { files }),
    mergedSha256: all.digest('hex'),
  }
}

/** How many configurations are absent, as far as anybody can know. */
function shortfallOf(
  { expected, merged }: Pick<AccountCounts, 'expected' | 'merged'>,
  files: CertifiedFiles | undefined,
): number {
  return expected - merged + (files && !files.specification ? files.refused.length : 0)
}

/** What a digest over all merged configurations is taken of. */
export function mergedLine(key: string, contentSha256: string): string {
  return `${key} ${contentSha256}\n`
}

/** A whole certificate as JSON text, piece by piece: the same facts, the same bytes; one configuration a line. */
export function* certificateText(
  certificate: CertificateHead,
  account: Account,
  merged: MergedDigests,
): Generator<string> {
  yield '{\n'
  for (const [name, value] of Object.entries(certificate))
    yield `  ${JSON.stringify(name)}: ${JSON.stringify(value)},\n`
  const failed = (position: number) => {
    const { key, cause } = account.at(position)
    return cause === undefined ? { key } : { key, cause }
  }
  yield* listText(account, 'quarantined', failed)
  yield ',\n'
  yield* listText(account, 'dead', failed)
  yield ',\n'
  yield* listText(account, 'missing', (position) => account.keyAt(position))
  yield ',\n'
  yield* listText(account, 'merged', (position) => ({
    key: account.keyAt(position),
    contentSha256: merged.contentSha256At(position),
  }))
  yield '\n}\n'
}

/** Reads a whole certificate; throws a ZodError or SyntaxError when it is none, or contradicts itself. */
export function decodeCertificate(text: string): Certificate {
  return certificateSchema.parse(JSON.parse(text))
}

function* listText(
  account: Account,
  state: keyof typeof certificateLists,
  entryAt: (position: number) => unknown,
): Generator<string> {
  let entries = 0
  for (const position of positionsIn(account, state)) {
    yield `${entries++ === 0 ? `  "${state}": [\n` : ',\n'}    ${JSON.stringify(entryAt(position))}`
  }
  yield entries === 0 ? `  "${state}": []` : '\n  ]'
}

function contradictions({ quarantined, dead, missing, merged, ...certificate }: Certificate): string[] {
  const found: string[] = []
  const named = { quarantined: quarantined.length, dead: dead.length, missing: missing.length, merged: merged.length }
  const keys = [...[merged, quarantined, dead].flatMap((list) => list.map(({ key }) => key)), ...missing]
  if (new Set(keys).size !== keys.length) found.push('a configuration is named twice')
  const all = createHash('sha256')
  for (const { key, contentSha256 } of merged) all.update(mergedLine(key, contentSha256))
  if (certificate.mergedSha256 !== all.digest('hex')) found.push('mergedSha256 is not that of merged')
  return [...found, ...headContradictions(certificate, named)]
}

/** Where the head of a certificate contradicts itself, or the number of configurations that are named. */
export function headContradictions(
  { counts, files, tolerance, complete, shortfall }: Omit<CertificateHead, 'mergedSha256'>,
  named: Readonly<Record<keyof typeof certificateLists, number>>,
): string[] {
  const found: string[] = []
  for (const state of ['merged', 'quarantined', 'dead', 'missing'] as const) {
    if (named[state] !== counts[state]) found.push(`counts.${state} is ${counts[state]}, but ${named[state]} are named`)
  }
  const accounted = counts.merged + counts.quarantined + counts.dead + counts.missing
  if (accounted !== counts.expected) found.push(`${counts.expected} are expected, but ${accounted} accounted for`)
  const absent = shortfallOf(counts, files)
  if (complete !== absent <= tolerance.allowed) found.push('complete contradicts the counts')
  if ((shortfall?.configurations ?? 0) !== absent) found.push('the shortfall contradicts the counts')
  return found
}

function explain(counts: AccountCounts, { declared, allowed }: Tolerance, files: CertifiedFiles | undefined): string {
  const parts = (['quarantined', 'dead', 'missing'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`)
  const refused = files && !files.specification ? files.refused.length : 0
  const unknown = refused > 0 ? [`what ${refused} refused ${refused === 1 ? 'file holds' : 'files hold'}`] : []
  const short = [...(parts.length > 0 ? [`${parts.join(', ')} of ${counts.expected} expected`] : []), ...unknown]
  return `${short.join(', and ')}; the tolerance of ${declared} allows ${allowed}`
}
