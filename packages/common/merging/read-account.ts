import { createHash } from 'node:crypto'
import { messageOf } from '../errors/windrow-error.ts'
import { Hdf5Error } from '../hdf5/hdf5-error.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import { CertificateLines, type CertifiedTable } from './certificate-lines.ts'
import { type IndexTable, readIndexTable } from './index-table.ts'
import type { MergeLayout } from './input-digest.ts'
import { certificateDigestAttribute, paths } from './merged-file.ts'
import type { Findings } from './verification.ts'

const largestCertificateBytes = 2 ** 31
/** Small: what one leaves behind is thrown away soon. */
const pieceBytes = 2 ** 16

export interface ReadCertificate {
  readonly table: CertifiedTable
  /** Of its text as it stands in the file. */
  readonly sha256: string
}

/** Reads the certificate; undefined, with the fault found, when it is damaged. */
export function readCertificate(reader: Hdf5Reader, findings: Findings): ReadCertificate | undefined {
  try {
    const lines = new CertificateLines()
    const hash = createHash('sha256')
    for (const piece of certificatePieces(reader)) {
      hash.update(piece)
      lines.push(piece)
    }
    const sha256 = hash.digest('hex')
    const claimed = reader.attribute(paths.init, certificateDigestAttribute)
    if (claimed !== sha256) throw new TypeError('its SHA-256 is not the one noted beside it')
    return { table: lines.finish(), sha256 }
  } catch (error) {
    findings.fault('certificate-damaged', `The certificate cannot be trusted: ${messageOf(error)}`)
    return undefined
  }
}

/** The text of the certificate, piece by piece, whatever its length. */
function* certificatePieces(reader: Hdf5Reader): Generator<string> {
  const { type, shape } = reader.datasetInfo(paths.certificate)
  const [bytes = 0] = shape
  if (type.kind !== 'numeric' || type.elementType !== '|u1' || shape.length !== 1) {
    throw new Hdf5Error(`${paths.certificate} is no text`)
  }
  if (bytes > largestCertificateBytes) throw new Hdf5Error(`${paths.certificate} claims ${bytes} bytes`)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (let from = 0; from < bytes; from += pieceBytes) {
    const { data } = reader.readRows(paths.certificate, from, Math.min(pieceBytes, bytes - from))
    yield decoder.decode(data as Uint8Array, { stream: true })
  }
  yield decoder.decode()
}

/** Reads the index, which must have as many rows as the certificate expects; undefined, with the fault found, when it is damaged. */
export function readIndex(
  reader: Hdf5Reader,
  { certified, layout }: { readonly certified: CertifiedTable | undefined; readonly layout: MergeLayout },
  findings: Findings,
): IndexTable | undefined {
  try {
    return readIndexTable(reader, { certified, fields: layout === 'stacked' })
  } catch (error) {
    findings.fault('index-damaged', `The index cannot be read: ${messageOf(error)}`)
    return undefined
  }
}
