import { fstatSync, readSync } from 'node:fs'
import { messageOf } from '../errors/windrow-error.ts'
import { type Hdf5Reader, openReader } from '../hdf5/reader.ts'
import { readSuperblock } from '../hdf5/superblock.ts'
import type { Certificate } from './certificate.ts'
import { asciiText } from './field-columns.ts'
import { type MergeLayout, mergeLayouts } from './input-digest.ts'
import { mergedSchemas } from './merged-file.ts'
import { type CertifiedRow, certifiedRows, type IndexRow, readCertificate, readIndex } from './read-account.ts'
import { brokenSeal } from './seal.ts'
import { type CertifiedVerification, type FileFault, Findings, type RowCheck } from './verification.ts'
import { verifyKeyedRows } from './verify-keyed.ts'
import { verifyStackedRows } from './verify-stacked.ts'

/**
 * What verifyMergedDescriptor does, in the calling thread, which a hostile file may occupy for ever: only the inspection
 * thread calls it. `alive` is called between the slabs of the file that are read without libhdf5.
 */
export async function verifyFile(fd: number, path: string, alive: () => void): Promise<CertifiedVerification> {
  const findings = new Findings()
  const bytes = fstatSync(fd).size
  const reader = checkFrame(fd, bytes, findings) ? await openOr(findings, { fd, bytes }) : undefined
  const found = reader && verifyOpened(reader, { fd, alive }, findings)
  return verificationOf({ path, bytes, findings, ...found })
}

/** The report on what was found. */
export function verificationOf({ path, bytes, findings, certificate, text, sha256 }: Verified): CertifiedVerification {
  return {
    ...{ schema: 1, path, bytes, ok: findings.ok },
    ...(certificate ? identityOf(certificate) : {}),
    summary: findings.summarise(certificate?.counts),
    faults: findings.faults,
    rows: findings.rows,
    notChecked: [
      'the commits in the store (--store checks them)',
      'forgery (whoever can change the file can change its digests)',
    ],
    ...(text === undefined ? {} : { certificateText: text }),
    ...(sha256 === undefined ? {} : { certificateSha256: sha256 }),
  }
}

interface Verified {
  readonly path: string
  readonly bytes: number
  readonly findings: Findings
  readonly certificate?: Certificate | undefined
  readonly text?: string | undefined
  readonly sha256?: string | undefined
}

interface OpenFile {
  readonly fd: number
  readonly alive: () => void
}

type ReadCertificate = { readonly certificate: Certificate; readonly text: string; readonly sha256: string }

function verifyOpened(reader: Hdf5Reader, file: OpenFile, findings: Findings): ReadCertificate | undefined {
  let found: ReadCertificate | undefined
  try {
    const layout = layoutOf(reader, findings)
    if (!layout) return undefined
    checkSeal(reader, file, findings)
    found = readCertificate(reader, findings)
    const certificate = found?.certificate
    const index = readIndex(reader, certificate?.counts.expected, findings)
    if (certificate && index) checkAccount(reader, { certificate, index, layout }, findings)
    verifyRows(reader, { certified: certificate && certifiedRows(certificate), index, layout }, findings)
  } catch (error) {
    findings.fault('unreadable', `The file cannot be read to its end: ${messageOf(error)}`)
  } finally {
    closeReader(reader, findings)
  }
  return found
}

/** Every configuration by certificate; by the index alone where the certificate is damaged, and the other way round. */
function verifyRows(
  reader: Hdf5Reader,
  { certified, index, layout }: { certified?: CertifiedRow[]; index?: IndexRow[]; layout: MergeLayout },
  findings: Findings,
): void {
  const indexed = new Map(index?.map((row) => [row.key, row]))
  const rows = certified ?? index ?? []
  const checks = rows.map((row) => ({ row, indexed: indexed.get(row.key) }))
  const merged = checks.filter(({ row }) => row.state === 'merged')
  const verify = layout === 'keyed' ? verifyKeyedRows : verifyStackedRows
  const outcomes = verify(reader, { merged, index }, findings)
  const byKey = new Map(merged.map(({ row }, at) => [row.key, outcomes[at]!]))
  for (const check of checks) {
    const contradiction = certified && index && contradictionOf(check)
    const outcome = byKey.get(check.row.key) ?? { verdict: 'named' as const }
    const sound = outcome.verdict === 'verified' || outcome.verdict === 'named'
    const verdict = contradiction && sound ? { verdict: 'index-mismatch' as const, detail: contradiction } : outcome
    findings.rows.push({ key: check.row.key, state: check.row.state, ...verdict })
  }
}

function contradictionOf({ row, indexed }: RowCheck): string | undefined {
  if (!indexed) return 'the index has no row for it'
  for (const name of ['state', 'cause', 'contentSha256'] as const) {
    const certified = name === 'cause' ? asciiText(row.cause) : row[name]
    if (indexed[name] !== certified) return `${name} is '${indexed[name]}' in the index, '${certified}' by certificate`
  }
  return undefined
}

function checkAccount(
  reader: Hdf5Reader,
  { certificate, index, layout }: { certificate: Certificate; index: readonly IndexRow[]; layout: MergeLayout },
  findings: Findings,
): void {
  const { counts } = certificate
  const merged = index.filter(({ state }) => state === 'merged')
  const agreements: [string, unknown, unknown][] = [
    ['layout', layout, certificate.layout],
    ['rows of the index', new Set(index.map(({ key }) => key)).size, counts.expected],
    ['merged rows of the index', merged.length, counts.merged],
    ['salvaged rows of the index', merged.filter(({ source }) => source === 'salvage').length, counts.salvaged],
    ['plausible rows of the index', merged.filter(({ verified }) => verified === 'plausible').length, counts.plausible],
    ['attribute total_configs', reader.attribute('/', 'total_configs'), BigInt(counts.expected)],
    ['attribute successful_configs', reader.attribute('/', 'successful_configs'), BigInt(counts.merged)],
  ]
  for (const [what, found, certified] of agreements) {
    if (found !== certified) findings.fault('account-mismatch', `${what}: ${found} in the file, ${certified} certified`)
  }
}

function checkSeal(reader: Hdf5Reader, { fd, alive }: OpenFile, findings: Findings): void {
  try {
    const broken = brokenSeal(fd, reader, alive)
    if (broken) findings.fault('changed', `The file is not as it was sealed: ${broken}.`)
  } catch (error) {
    findings.fault('changed', `The seal of the file cannot be read: ${messageOf(error)}`)
  }
}

function layoutOf(reader: Hdf5Reader, findings: Findings): MergeLayout | undefined {
  const schema = reader.attributeNames('/').includes('schema') ? reader.attribute('/', 'schema') : undefined
  const layout = mergeLayouts.find((known) => mergedSchemas[known] === schema)
  if (!layout) findings.fault('not-merged', 'It is not a merged file of a kind known to this version of Windrow.')
  return layout
}

function checkFrame(fd: number, size: number, findings: Findings): boolean {
  const fault = (kind: FileFault, detail: string) => {
    findings.fault(kind, detail)
    return false
  }
  if (size === 0) return fault('empty', 'The file has 0 bytes.')
  const superblock = readSuperblock((offset, length) => readAt(fd, offset, length), size)
  if (superblock === 'no-signature') return fault('not-hdf5', 'The file does not have the signature of HDF5.')
  if (superblock === 'unknown') return fault('unreadable', 'The superblock of the file is of no version that exists.')
  if (superblock.endOfFile <= size) return true
  return fault('truncated', `The file has ${size} bytes; its superblock says ${superblock.endOfFile}.`)
}

async function openOr(
  findings: Findings,
  { fd, bytes }: { fd: number; bytes: number },
): Promise<Hdf5Reader | undefined> {
  try {
    return await openReader({ kind: 'descriptor', fd, size: bytes })
  } catch (error) {
    findings.fault('unreadable', `The file does not open: ${messageOf(error)}`)
    return undefined
  }
}

function closeReader(reader: Hdf5Reader, findings: Findings): void {
  try {
    reader.close()
  } catch (error) {
    findings.fault('unreadable', `The file does not close: ${messageOf(error)}`)
  }
}

function identityOf({ sweep, identityDigest, layout, complete, shortfall, counts }: Certificate) {
  return { sweep, identityDigest, layout, complete, shortfall, counts }
}

function readAt(fd: number, offset: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  return bytes.subarray(0, readSync(fd, bytes, 0, length, offset))
}
