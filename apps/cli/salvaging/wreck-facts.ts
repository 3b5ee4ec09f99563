import { createHash } from 'node:crypto'
import type { RowFault, WreckFile } from '@windrow/common/wrecks/wreck.ts'
import type { WreckPath } from './list-wreck.ts'

/** A file of the wreck when all of its rows have been seen. */
export interface FileFacts extends WreckPath, WreckFile {}

/** What is kept of a row: not its layout, which is read again when it is taken in. */
export interface RowFacts {
  /** Place of its file among the files. */
  readonly file: number
  readonly place: string
  /** Key of its configuration; as the file has it when the sweep has no such configuration. */
  readonly key: string
  /** Place of its configuration in the sweep. */
  readonly index: number | undefined
  /** Of layout and AEP: equal for copies. */
  readonly content: string
  /** As reported; NaN where there is none. */
  readonly aepGWh: number
  readonly fault: RowFault | undefined
}

/** A row that may be taken in. */
export type GoodRow = RowFacts & { readonly index: number; readonly fault: undefined }
export type BadRow = RowFacts & { readonly fault: RowFault }

/** Everything that is known of a wreck after it has been read once. */
export interface Survey {
  readonly files: readonly FileFacts[]
  /** By file, and in the order of the file. */
  readonly rows: readonly RowFacts[]
}

/** What tells copies of a row from rows that contradict each other: layout and AEP to the bit. */
export function contentOf({ layout, aep }: { readonly layout: Float64Array; readonly aep: number }): string {
  const hash = createHash('sha256').update(new Uint8Array(layout.buffer, layout.byteOffset, layout.byteLength))
  return hash.update(new Uint8Array(Float64Array.of(aep).buffer)).digest('base64')
}
