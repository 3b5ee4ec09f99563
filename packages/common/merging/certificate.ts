import { createHash } from 'node:crypto'
import { z } from 'zod'
import { type Account, type AccountCounts, type CertificateState, certificateState } from './account.ts'
import { type MergedDigests, mergeLayouts } from './input-digest.ts'
import type { Tolerance } from './tolerance.ts'

const countSchema = z.int().nonnegative()
const digestSchema = z.string().regex(/^[0-9a-f]{64}$/)
const failedSchema = z.strictObject({ key: z.string(), cause: z.string().optional() })

/** The certificate of a merged file: the account of every configuration expected in it. Nothing in it depends on time, host or attempt. */
export const certificateSchema = z
  .strictObject({
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
    /** SHA-256 over the lines `key content_sha256` of every merged configuration, by key. */
    mergedSha256: digestSchema,
    quarantined: z.array(failedSchema),
    dead: z.array(failedSchema),
    missing: z.array(z.string()),
    merged: z.array(z.strictObject({ key: z.string(), contentSha256: digestSchema })),
  })
  .superRefine((certificate, context) => {
    for (const message of contradictions(certificate)) context.addIssue({ code: 'custom', message })
  })
export type Certificate = z.infer<typeof certificateSchema>

export interface CertificateFacts {
  readonly sweep: string
  readonly identityDigest: string
  readonly layout: Certificate['layout']
  readonly tolerance: Tolerance
  readonly account: Account
  readonly merged: MergedDigests
}

/** Draws up the certificate of a merge. Every expected configuration is named in exactly one of its lists. */
export function certify({ account, tolerance, merged: facts, ...identity }: CertificateFacts): Certificate {
  const named: Record<CertificateState, ({ key: string; cause?: string } & object)[]> = {
    merged: [],
    quarantined: [],
    dead: [],
    missing: [],
  }
  for (const row of account.rows) {
    named[certificateState(row)].push({ key: row.key, ...(row.cause === undefined ? {} : { cause: row.cause }) })
  }
  const merged = named.merged.map(({ key }) => ({ key, contentSha256: digestOf(facts, key) }))
  const absent = account.counts.expected - account.counts.merged
  return {
    schema: 1,
    ...identity,
    counts: { ...account.counts },
    tolerance: { ...tolerance },
    complete: absent <= tolerance.allowed,
    shortfall: absent === 0 ? null : { configurations: absent, why: explain(account.counts, tolerance) },
    mergedSha256: digestOfAll(merged),
    quarantined: named.quarantined,
    dead: named.dead,
    missing: named.missing.map(({ key }) => key),
    merged,
  }
}

/** The certificate as JSON text: the same facts, the same bytes; one configuration a line. */
export function encodeCertificate(certificate: Certificate): string {
  const members = Object.entries(certificate).map(([name, value]) => {
    if (!Array.isArray(value) || value.length === 0) return `  ${JSON.stringify(name)}: ${JSON.stringify(value)}`
    const lines = value.map((entry) => `    ${JSON.stringify(entry)}`)
    return `  ${JSON.stringify(name)}: [\n${lines.join(',\n')}\n  ]`
  })
  return `{\n${members.join(',\n')}\n}\n`
}

/** Reads a certificate; throws a ZodError or SyntaxError when it is none, or contradicts itself. */
export function decodeCertificate(text: string): Certificate {
  return certificateSchema.parse(JSON.parse(text))
}

function contradictions({ counts, ...certificate }: Certificate): string[] {
  const found: string[] = []
  const states = ['merged', 'quarantined', 'dead', 'missing'] as const
  for (const state of states) {
    const named = certificate[state].length
    if (named !== counts[state]) found.push(`counts.${state} is ${counts[state]}, but ${named} are named`)
  }
  const accounted = counts.merged + counts.quarantined + counts.dead + counts.missing
  if (accounted !== counts.expected) found.push(`${counts.expected} are expected, but ${accounted} accounted for`)
  const lists = [certificate.merged, certificate.quarantined, certificate.dead]
  const keys = [...lists.flatMap((list) => list.map(({ key }) => key)), ...certificate.missing]
  if (new Set(keys).size !== keys.length) found.push('a configuration is named twice')
  const absent = counts.expected - counts.merged
  if (certificate.complete !== absent <= certificate.tolerance.allowed) found.push('complete contradicts the counts')
  if ((certificate.shortfall?.configurations ?? 0) !== absent) found.push('the shortfall contradicts the counts')
  if (certificate.mergedSha256 !== digestOfAll(certificate.merged)) found.push('mergedSha256 is not that of merged')
  return found
}

function explain(counts: AccountCounts, { declared, allowed }: Tolerance): string {
  const parts = (['quarantined', 'dead', 'missing'] as const)
    .filter((state) => counts[state] > 0)
    .map((state) => `${counts[state]} ${state}`)
  return `${parts.join(', ')} of ${counts.expected} expected; the tolerance of ${declared} allows ${allowed}`
}

function digestOf(facts: MergedDigests, key: string): string {
  const digest = facts.get(key)?.contentSha256
  if (digest === undefined) throw new TypeError(`no content digest of ${key}`)
  return digest
}

function digestOfAll(merged: readonly { key: string; contentSha256: string }[]): string {
  const hash = createHash('sha256')
  for (const { key, contentSha256 } of merged) hash.update(`${key} ${contentSha256}\n`)
  return hash.digest('hex')
}
