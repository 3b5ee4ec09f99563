import { createHash } from 'node:crypto'
import type { CompoundColumn } from '../hdf5/element-types.ts'
import type { Hdf5Writer } from '../hdf5/writer.ts'
import { certificateState, type ExpectedConfiguration } from './account.ts'
import { asciiText, fieldColumns } from './field-columns.ts'
import {
  certificateDigestAttribute,
  type MergedFactsByKey,
  type MergedFileEnd,
  paths,
  reservedColumns,
} from './merged-file.ts'
import { reserveSeal } from './seal.ts'

const mostChunkRows = 256

/**
 * Fills group `/init`, the only root member that is no configuration: the index, a table with one row for each
 * expected configuration by key; the certificate as JSON text, with its SHA-256 as an attribute of the group; and the
 * place of the file's seal.
 */
export function writeInit(writer: Hdf5Writer, init: MergedFileEnd): void {
  writer.writeAttribute(paths.init, certificateDigestAttribute, textSha256(init.certificate))
  writeIndex(writer, init.rows, init.merged)
  writer.writeText(paths.certificate, init.certificate)
  reserveSeal(writer, sealMarker(init.certificate))
}

/** What holds the place of a file's seal until the file is complete. */
export function sealMarker(certificate: string): string {
  return textSha256(`seal of ${certificate}`)
}

/** SHA-256 of a text's UTF-8 bytes. */
export function textSha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function writeIndex(writer: Hdf5Writer, rows: readonly ExpectedConfiguration[], merged: MergedFactsByKey): void {
  const fields = fieldColumns(rows, reservedColumns)
  const columns: CompoundColumn[] = [
    { name: 'key', type: { text: widthOf(rows, ({ key }) => key) } },
    ...fields.map(({ name, type }) => ({ name, type })),
    { name: 'state', type: { text: 'quarantined'.length } },
    { name: 'cause', type: { text: widthOf(rows, ({ cause }) => asciiText(cause ?? '')) } },
    { name: 'source', type: { text: 'windrow'.length } },
    { name: 'verified', type: { text: 'evaluated'.length } },
    { name: 'n_turbines', type: '<f8' },
    { name: 'aep', type: '<f8' },
    { name: 'content_sha256', type: { text: 64 } },
    {
      name: 'configuration_digest',
      type: { text: widthOf(rows, ({ key }) => asciiText(merged.get(key)?.configurationDigest ?? '')) },
    },
  ]
  const table = rowsOf(rows, (row) => {
    const facts = merged.get(row.key)
    return [
      row.key,
      ...fields.map((column) => column.valueOf(row.fields)),
      certificateState(row),
      asciiText(row.cause ?? ''),
      facts ? row.source : '',
      facts ? row.verified : '',
      facts?.nTurbines ?? Number.NaN,
      facts?.aepGwh ?? Number.NaN,
      facts?.contentSha256 ?? '',
      asciiText(facts?.configurationDigest ?? ''),
    ]
  })
  writer.writeCompound(paths.index, columns, table, { chunkRows: Math.min(rows.length, mostChunkRows) })
}

function widthOf(rows: readonly ExpectedConfiguration[], textOf: (row: ExpectedConfiguration) => string): number {
  return rows.reduce((width, row) => Math.max(width, textOf(row).length), 1)
}

function* rowsOf<Row, Packed>(rows: Iterable<Row>, pack: (row: Row) => Packed): Generator<Packed> {
  for (const row of rows) yield pack(row)
}
