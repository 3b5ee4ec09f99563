import type { WreckFile, WreckRow, WreckStyle } from './wreck.ts'

/** To a reading thread: a file to read, or leave to go on with it. */
export type WreckRequest =
  | { readonly kind: 'read'; readonly path: string; readonly style: WreckStyle | undefined }
  | { readonly kind: 'more' }

/** From it: rows, after which it waits, or the last rows of a file and what the file is. */
export type WreckReply =
  | { readonly kind: 'ready' }
  | { readonly kind: 'rows'; readonly rows: readonly WreckRow[] }
  | { readonly kind: 'file'; readonly rows: readonly WreckRow[]; readonly file: WreckFile; readonly worn: boolean }
