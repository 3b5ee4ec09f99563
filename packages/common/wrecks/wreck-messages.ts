import type { WreckFile, WreckRow, WreckStyle } from './wreck.ts'

/** What is wanted of a file. */
export interface WreckWishes {
  /** The layout it must have; undefined: it is asked itself. */
  readonly style: WreckStyle | undefined
  /** Rows with everything that is in their groups. */
  readonly groups: boolean
}

/** To a reading thread: a file to read, or leave to go on with it. */
export type WreckRequest =
  | { readonly kind: 'read'; readonly path: string; readonly wishes: WreckWishes }
  | { readonly kind: 'more' }

/**
 * From it: rows, after which it waits, or the last rows of a file and what the file is. `cpuMs`: what the thread has used
 * up to now.
 */
export type WreckReply = { readonly cpuMs: number } & (
  | { readonly kind: 'ready' }
  | { readonly kind: 'rows'; readonly rows: readonly WreckRow[] }
  | FileReply
)

export interface FileReply {
  readonly kind: 'file'
  readonly rows: readonly WreckRow[]
  readonly file: WreckFile
  /** The thread has had its time. */
  readonly worn: boolean
}
