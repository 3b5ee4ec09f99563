import { createHash } from 'node:crypto'
import type { CompoundRow } from '../hdf5/compound-rows.ts'
import type { CompoundColumn } from '../hdf5/element-types.ts'
import type { Hdf5Writer } from '../hdf5/writer.ts'
import type { Account } from './account.ts'
import type { FactsTable } from './facts-table.ts'
import { asciiText, type FieldColumn, fieldColumns } from './field-columns.ts'
import {
  certificateDigestAttribute,
  type MergedFileEnd,
  paths,
  reservedColumns,
  type WrittenCertificate,
} from './merged-file.ts'
import { reserveSeal } from './seal.ts'

const mostChunkRows = 256

/**
 * Fills group `/init`, the only root member that is no configuration: the index, a table with one row for each
 * expected configuration by key; the certificate as JSON text, with its SHA-256 as an attribute of the group; and the
 * place of the file's seal.
 */
export function writeInit(writer: Hdf5Writer, { account, facts, certificate }: MergedFileEnd): WrittenCertificate {
  writeIndex(writer, account, facts)
  const [text, seal] = [createHash('sha256'), createHash('sha256').update('seal of ')]
  writer.writeText(paths.certificate, seenBy(certificate, text, seal))
  const written = { certificateSha256: text.digest('hex'), sealMarker: seal.digest('hex') }
  writer.writeAttribute(paths.init, certificateDigestAttribute, written.certificateSha256)
  reserveSeal(writer, written.sealMarker)
  return written
}

function* seenBy(pieces: Iterable<string>, ...digests: { update(piece: string): unknown }[]): Generator<string> {
  for (const piece of pieces) {
    for (const digest of digests) digest.update(piece)
    yield piece
  }
}

function writeIndex(writer: Hdf5Writer, account: Account, facts: FactsTable): void {
  const fields = fieldColumns(account.rows, reservedColumns)
  const columns = columnsOf(fields, widthsOf(account, facts))
  writer.writeCompound(paths.index, columns, tableOf({ account, facts, fields }), {
    chunkRows: Math.min(account.length, mostChunkRows),
  })
}

interface Widths {
  readonly key: number
  readonly cause: number
  readonly configurationDigest: number
}

function columnsOf(fields: readonly FieldColumn[], widths: Widths): CompoundColumn[] {
  return [
    { name: 'key', type: { text: widths.key } },
    ...fields.map(({ name, type }) => ({ name, type })),
    { name: 'state', type: { text: 'quarantined'.length } },
    { name: 'cause', type: { text: widths.cause } },
    { name: 'source', type: { text: 'windrow'.length } },
    { name: 'verified', type: { text: 'evaluated'.length } },
    { name: 'n_turbines', type: '<f8' },
    { name: 'aep', type: '<f8' },
    { name: 'content_sha256', type: { text: 64 } },
    { name: 'configuration_digest', type: { text: widths.configurationDigest } },
  ]
}

function widthsOf(account: Account, facts: FactsTable): Widths {
  const widths = { key: 1, cause: 1, configurationDigest: 1 }
  let position = 0
  for (const { key, cause = '' } of account.rows) {
    const configurationDigest = facts.at(position++)?.configurationDigest ?? ''
    for (const [name, text] of Object.entries({ key, cause, configurationDigest })) {
      widths[name as keyof Widths] = Math.max(widths[name as keyof Widths], asciiText(text).length)
    }
  }
  return widths
}

interface Table {
  readonly account: Account
  readonly facts: FactsTable
  readonly fields: readonly FieldColumn[]
}

function* tableOf({ account, facts, fields }: Table): Generator<CompoundRow> {
  for (let position = 0; position < account.length; position++) {
    const row = account.at(position)
    const known = facts.at(position)
    yield [
      row.key,
      ...fields.map((column) => column.valueOf(row.fields)),
      account.stateAt(position),
      asciiText(row.cause ?? ''),
      known ? row.source : '',
      known ? row.verified : '',
      known?.nTurbines ?? Number.NaN,
      known?.aepGwh ?? Number.NaN,
      known?.contentSha256 ?? '',
      asciiText(known?.configurationDigest ?? ''),
    ]
  }
}
