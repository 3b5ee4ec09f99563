import type { Account } from './account.ts'
import type { FactsTable } from './facts-table.ts'
import type { Mergeable } from './mergeable.ts'

/** What the index says of a merged configuration. */
export interface MergedFacts {
  readonly contentSha256: string
  readonly nTurbines: number
  readonly aepGwh: number
  readonly configurationDigest: string
  readonly salvaged: boolean
}

/** What is known when every configuration has been added. */
export interface MergedFileEnd {
  readonly account: Account
  readonly facts: FactsTable
  /** The certificate's JSON text, piece by piece. */
  readonly certificate: Iterable<string>
}

/** What the certificate's text came to. */
export interface WrittenCertificate {
  readonly certificateSha256: string
  /** 64 characters that hold the place of the file's seal. */
  readonly sealMarker: string
}

/** A merged file being written. Configurations are added by key, bytewise; memory does not grow with them. */
export interface MergedFile {
  add(configuration: Mergeable): void
  /** Completes and closes the file; its seal is still to be put in. */
  finish(end: MergedFileEnd): Promise<WrittenCertificate>
  /** Gives up, or does nothing after `finish`. */
  discard(): void
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
