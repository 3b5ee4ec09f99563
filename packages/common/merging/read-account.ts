import { createHash } from 'node:crypto'
import { messageOf } from '../errors/windrow-error.ts'
import type { CompoundColumn } from '../hdf5/element-types.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import type { NumericArray } from '../results/contents.ts'
import { type CertificateState, certificateStates } from './account.ts'
import { type Certificate, decodeCertificate } from './certificate.ts'
import { certificateDigestAttribute, paths, reservedColumns } from './merged-file.ts'
import type { Findings } from './verification.ts'

const largestCertificateBytes = 500_000_000
const mostRows = 20_000_000
const slabRows = 4096

export interface CertifiedRow {
  readonly key: string
  readonly state: CertificateState
  readonly cause: string
  readonly contentSha256: string
}

export interface IndexRow extends CertifiedRow {
  readonly source: string
  readonly verified: string
  readonly nTurbines: number
  readonly aepGwh: number
  /** The numeric fields, by column. */
  readonly numbers: Readonly<Record<string, number | bigint>>
}

/** Reads the certificate, and its text as it stands; undefined, with the fault found, when it is damaged. */
export function readCertificate(
  reader: Hdf5Reader,
  findings: Findings,
): { certificate: Certificate; text: string; sha256: string } | undefined {
  try {
    const text = reader.readText(paths.certificate, largestCertificateBytes)
    const claimed = reader.attribute(paths.init, certificateDigestAttribute)
    const sha256 = createHash('sha256').update(text).digest('hex')
    if (claimed !== sha256) throw new TypeError('its SHA-256 is not the one noted beside it')
    return { certificate: decodeCertificate(text), text, sha256 }
  } catch (error) {
    findings.fault('certificate-damaged', `The certificate cannot be trusted: ${messageOf(error)}`)
    return undefined
  }
}

/** Everything a certificate names, by key, bytewise. */
export function certifiedRows(certificate: Certificate): CertifiedRow[] {
  const { merged, quarantined, dead, missing } = certificate
  const rows: CertifiedRow[] = [
    ...merged.map(({ key, contentSha256 }) => ({ key, state: 'merged' as const, cause: '', contentSha256 })),
    ...quarantined.map(({ key, cause = '' }) => ({ key, state: 'quarantined' as const, cause, contentSha256: '' })),
    ...dead.map(({ key, cause = '' }) => ({ key, state: 'dead' as const, cause, contentSha256: '' })),
    ...missing.map((key) => ({ key, state: 'missing' as const, cause: '', contentSha256: '' })),
  ]
  return rows.sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** Reads the index, which must have `expected` rows if that is known; undefined, with the fault found, when it is damaged. */
export function readIndex(
  reader: Hdf5Reader,
  expected: number | undefined,
  findings: Findings,
): IndexRow[] | undefined {
  try {
    const { type, shape } = reader.datasetInfo(paths.index)
    if (type.kind !== 'compound') throw new TypeError('it is no table')
    const total = shape[0] ?? 0
    if (total !== (expected ?? total)) throw new TypeError(`it has ${total} rows for ${expected} configurations`)
    if (total > mostRows) throw new TypeError(`it claims ${total} rows`)
    const rows: IndexRow[] = []
    for (let from = 0; from < total; from += slabRows) {
      const columns = reader.readCompound(paths.index, { from, count: Math.min(slabRows, total - from) })
      rows.push(...rowsOf(columns, numberColumns(type.columns)))
    }
    return rows
  } catch (error) {
    findings.fault('index-damaged', `The index cannot be read: ${messageOf(error)}`)
    return undefined
  }
}

/** Names of the index's columns that hold numeric fields. */
function numberColumns(columns: readonly CompoundColumn[]): string[] {
  const reserved: readonly string[] = reservedColumns
  return columns
    .filter(({ name, type }) => typeof type === 'string' && !reserved.includes(name))
    .map(({ name }) => name)
}

function rowsOf(columns: ReadonlyMap<string, NumericArray | string[]>, numberNames: readonly string[]): IndexRow[] {
  const texts = (name: string): string[] => {
    const column = columns.get(name)
    if (!Array.isArray(column)) throw new TypeError(`it has no text column ${name}`)
    return column
  }
  const numbers = (name: string): NumericArray => {
    const column = columns.get(name)
    if (column === undefined || Array.isArray(column)) throw new TypeError(`it has no numeric column ${name}`)
    return column
  }
  const [key, state, cause, source] = [texts('key'), texts('state'), texts('cause'), texts('source')]
  const [verified, contentSha256] = [texts('verified'), texts('content_sha256')]
  const [nTurbines, aep] = [numbers('n_turbines'), numbers('aep')]
  const fields = numberNames.map((name) => [name, numbers(name)] as const)
  return key.map((value, row) => ({
    key: value,
    state: stateOf(state[row]!),
    cause: cause[row]!,
    contentSha256: contentSha256[row]!,
    source: source[row]!,
    verified: verified[row]!,
    nTurbines: Number(nTurbines[row]),
    aepGwh: Number(aep[row]),
    numbers: Object.fromEntries(fields.map(([name, column]) => [name, column[row]!])),
  }))
}

function stateOf(text: string): CertificateState {
  const state = certificateStates.find((known) => known === text)
  if (state === undefined) throw new TypeError(`it holds the unknown state '${text}'`)
  return state
}
