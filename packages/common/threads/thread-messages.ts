import type { ErrorCode } from '../errors/catalogue.ts'

/** What a disposable thread says. */
export type ThreadMessage<Answer> =
  | { readonly kind: 'ready' }
  /** It is getting on; it may now be silent for so long, or for as long as before. */
  | { readonly kind: 'alive'; readonly silenceMs?: number }
  /** `worn`: the thread is not to be used again. */
  | { readonly kind: 'answer'; readonly answer: Answer; readonly worn: boolean }
  | { readonly kind: 'failed'; readonly code: ErrorCode | undefined; readonly message: string }
