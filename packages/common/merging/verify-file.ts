import { fstatSync } from 'node:fs'
import { messageOf } from '../errors/windrow-error.ts'
import { readBytes } from '../files/whole-transfers.ts'
import { type Hdf5Reader, openReader } from '../hdf5/reader.ts'
import { readSuperblock } from '../hdf5/superblock.ts'
import type { CertificateHead } from './certificate.ts'
import type { CertifiedTable } from './certificate-lines.ts'
import { asciiText } from './field-columns.ts'
import type { IndexRow, IndexTable } from './index-table.ts'
import { type MergeLayout, mergeLayouts } from './input-digest.ts'
import { mergedSchemas } from './merged-file.ts'
import { type ReadCertificate, readCertificate, readIndex } from './read-account.ts'
import { type RowTable, rowFinder } from './row-table.ts'
import { brokenSeal } from './seal.ts'
import {
  type CertifiedVerification,
  type FileFault,
  Findings,
  type RowCheck,
  type VerificationRequest,
} from './verification.ts'
import { verifyKeyedRows } from './verify-keyed.ts'
import { verifyStackedRows } from './verify-stacked.ts'

/**
 * What verifyMergedDescriptor does, in the calling thread, which a hostile file may occupy for ever: only the inspection
 * thread calls it. `alive` is called between the slabs of the file that are read without libhdf5.
 */
export async function verifyFile(
  { fd, path, everyRow }: VerificationRequest,
  alive: () => void,
): Promise<CertifiedVerification> {
  const findings = new Findings({ everyRow })
  const bytes = fstatSync(fd).size
  const reader = checkFrame(fd, bytes, findings) ? await openOr(findings, { fd, bytes }) : undefined
  const certificate = reader && verifyOpened(reader, { fd, size: bytes, alive }, findings)
  const verification = verificationOf({ path, bytes, findings, certificate })
  return certificate && everyRow ? { ...verification, merged: mergedIn(certificate.table) } : verification
}

/** The report on what was found. */
export function verificationOf({ path, bytes, findings, certificate }: Verified): CertifiedVerification {
  const head = certificate?.table.head
  return {
    ...{ schema: 1, path, bytes, ok: findings.ok },
    ...(head ? identityOf(head) : {}),
    summary: findings.summarise(head?.counts),
    faults: findings.faults,
    rows: findings.rows,
    notChecked: [
      'the commits in the store (--store checks them)',
      'forgery (whoever can change the file can change its digests)',
    ],
    ...(certificate && { certificateSha256: certificate.sha256 }),
  }
}

interface Verified {
  readonly path: string
  readonly bytes: number
  readonly findings: Findings
  readonly certificate?: ReadCertificate | undefined
}

interface OpenFile {
  readonly fd: number
  readonly size: number
  readonly alive: () => void
}

function mergedIn(table: CertifiedTable): { key: string; contentSha256: string }[] {
  return positionsOf(table).map((position) => {
    const { key, contentSha256 } = table.at(position)
    return { key, contentSha256 }
  })
}

/** Positions of the merged rows. */
function positionsOf(table: RowTable): number[] {
  const positions: number[] = []
  for (let position = 0; position < table.length; position++) {
    if (table.stateAt(position) === 'merged') positions.push(position)
  }
  return positions
}

function verifyOpened(reader: Hdf5Reader, file: OpenFile, findings: Findings): ReadCertificate | undefined {
  let found: ReadCertificate | undefined
  try {
    const layout = layoutOf(reader, findings)
    if (!layout) return undefined
    checkSeal(reader, file, findings)
    found = readCertificate(reader, findings)
    const certified = found?.table
    const index = readIndex(reader, { certified, layout }, findings)
    if (certified && index) checkAccount(reader, { head: certified.head, index, layout }, findings)
    verifyRows(reader, { certified, index, layout, file }, findings)
  } catch (error) {
    findings.fault('unreadable', `The file cannot be read to its end: ${messageOf(error)}`)
  } finally {
    closeReader(reader, findings)
  }
  return found
}

interface Account {
  readonly certified: CertifiedTable | undefined
  readonly index: IndexTable | undefined
  readonly layout: MergeLayout
  readonly file: OpenFile
}

/** Every configuration by certificate; by the index alone where the certificate is damaged, and the other way round. */
function verifyRows(reader: Hdf5Reader, { certified, index, layout, file }: Account, findings: Findings): void {
  const rows: RowTable | undefined = certified ?? index
  if (!rows) return
  const finder = () => (index ? rowFinder(index) : () => undefined)
  const positions = positionsOf(rows)
  const indexed = finder()
  const merged = {
    length: positions.length,
    at: (place: number): RowCheck => {
      const row = rows.at(positions[place]!)
      return { row, indexed: indexed(row.key) }
    },
  }
  const verify = layout === 'keyed' ? verifyKeyedRows : verifyStackedRows
  const outcomes = verify(reader, { merged, index, file }, findings)
  const again = finder()
  for (let position = 0, place = 0; position < rows.length; position++) {
    const row = rows.at(position)
    const contradiction = certified && index && contradictionOf({ row, indexed: again(row.key) })
    const outcome = row.state === 'merged' ? outcomes[place++]! : ({ verdict: 'named' } as const)
    const sound = outcome.verdict === 'verified' || outcome.verdict === 'named'
    const verdict = contradiction && sound ? { verdict: 'index-mismatch' as const, detail: contradiction } : outcome
    findings.row({ key: row.key, state: row.state, ...verdict })
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
  { head, index, layout }: { head: CertificateHead; index: IndexTable; layout: MergeLayout },
  findings: Findings,
): void {
  const { counts } = head
  const found = { rows: 0, merged: 0, salvaged: 0, plausible: 0 }
  let before = ''
  for (let position = 0; position < index.length; position++) {
    const key = index.keyAt(position)
    // Rows stand in the order of their keys: one that does not come after the last is there twice, or astray.
    if (before < key) found.rows++
    before = key
    countRow(found, index.at(position))
  }
  const agreements: [string, unknown, unknown][] = [
    ['layout', layout, head.layout],
    ['rows of the index', found.rows, counts.expected],
    ['merged rows of the index', found.merged, counts.merged],
    ['salvaged rows of the index', found.salvaged, counts.salvaged],
    ['plausible rows of the index', found.plausible, counts.plausible],
    ['attribute total_configs', reader.attribute('/', 'total_configs'), BigInt(counts.expected)],
    ['attribute successful_configs', reader.attribute('/', 'successful_configs'), BigInt(counts.merged)],
  ]
  for (const [what, there, certified] of agreements) {
    if (there !== certified) findings.fault('account-mismatch', `${what}: ${there} in the file, ${certified} certified`)
  }
}

function countRow(found: { merged: number; salvaged: number; plausible: number }, row: IndexRow): void {
  if (row.state !== 'merged') return
  found.merged++
  if (row.source === 'salvage') found.salvaged++
  if (row.verified === 'plausible') found.plausible++
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
  const superblock = readSuperblock((offset, length) => readBytes(fd, offset, length), size)
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

function identityOf({ sweep, identityDigest, layout, complete, shortfall, counts }: CertificateHead) {
  return { sweep, identityDigest, layout, complete, shortfall, counts }
}
