import type { ResultContents } from '../results/contents.ts'
import type { ExpectedConfiguration } from './account.ts'

/** What the index says of a merged configuration. */
export interface MergedFacts {
  readonly contentSha256: string
  readonly nTurbines: number
  readonly aepGwh: number
  readonly configurationDigest: string
}

export type MergedFactsByKey = ReadonlyMap<string, MergedFacts>

/** What is known when every configuration has been added. */
export interface MergedFileEnd {
  /** Every expected configuration, by key. */
  readonly rows: readonly ExpectedConfiguration[]
  readonly merged: MergedFactsByKey
  /** The certificate's JSON text. */
  readonly certificate: string
}

/** A merged file being written. Configurations are added by key, bytewise; memory does not grow with them. */
export interface MergedFile {
  add(contents: ResultContents): void
  finish(end: MergedFileEnd): void
}

export const paths = { init: '/init', index: '/init/index', certificate: '/init/certificate' } as const

/** Columns of the index and of a stacked file that are no fields; a field of such a name is called `axis_<field>`. */
export const reservedColumns = [
  ...['key', 'state', 'cause', 'source', 'verified', 'n_turbines', 'aep', 'content_sha256', 'configuration_digest'],
  ...['configuration', 'turbine', 'coordinate', 'layout', 'init'],
] as const

/** Attribute of `/init`: SHA-256 of the certificate's text. */
export const certificateDigestAttribute = 'certificate_sha256'

/** Root attribute `schema` of a merged file, by layout. */
export const mergedSchemas = { keyed: 'windrow-keyed-1', stacked: 'windrow-stacked-1' } as const
