import { createDisposableThreads, type ThreadOutcome } from '../threads/disposable-threads.ts'
import type { ResultLimits } from './result-schema.ts'
import { validateOwnResult } from './validate-result.ts'
import type { ValidationRequest, ValidationSetting } from './validation-messages.ts'
import type { Validator, Verdict } from './verdict.ts'

export interface ThreadValidatorOptions {
  /** How long judging a result may take once it is read (the AEP of a large one takes a while), and reading at most. */
  readonly timeoutMs: number
  /** Threads, started when they are first needed. */
  readonly size: number
  /** Module whose export `evaluation` is a LayoutEvaluation; the project's own by default. */
  readonly evaluationModule?: URL
  readonly limits?: ResultLimits
}

/** How long reading a file may take: libhdf5 needs a millisecond for most, and half a second for the largest. */
const readingMs = { ofAny: 2000, ofMebibyte: 30 }
/** What is read here and now at most: about a millisecond's work. */
const largestInlineBytes = 2 ** 20

/**
 * A validator that no file can hang or break. Files as Windrow writes them are read strictly, here and now where that takes
 * no longer than a message; everything else, and every evaluation of geometry or energy, happens in disposable threads: one
 * that takes too long or crashes is thrown away with the verdict reader-timeout or reader-crashed, and the next file gets
 * a fresh one. Idle threads do not keep the process alive. The caller's bytes stay its own (a copy is transferred).
 */
export function createThreadValidator(options: ThreadValidatorOptions): Validator {
  const { timeoutMs, size, limits } = options
  const module = options.evaluationModule ?? new URL('./problem-evaluation.ts', import.meta.url)
  const setting: ValidationSetting = { evaluationModule: module.href, evaluationTimeoutMs: timeoutMs, limits }
  const threads = createDisposableThreads<ValidationRequest, Verdict>({
    module: new URL('./validation-thread.ts', import.meta.url),
    ...{ name: 'validation', setting, size },
  })
  return {
    async validate(bytes, expectation) {
      const verdict = bytes.length <= largestInlineBytes ? validateOwnResult(bytes, expectation, limits) : undefined
      if (verdict !== undefined) return verdict
      const silenceMs = Math.min(timeoutMs, readingMs.ofAny + (readingMs.ofMebibyte * bytes.length) / 2 ** 20)
      // Not slice(): that of a Buffer is a view into a pool that others use.
      const copy = new Uint8Array(bytes)
      return verdictOf(await threads.ask({ bytes: copy, expectation }, { silenceMs, transfer: [copy.buffer] }))
    },
    close: () => threads.close(),
  }
}

function verdictOf(outcome: ThreadOutcome<Verdict>): Verdict {
  if (outcome.kind === 'answer') return outcome.answer
  if (outcome.kind === 'crashed') {
    return { ok: false, reason: 'reader-crashed', detail: `The reader crashed: ${outcome.reason}.` }
  }
  return { ok: false, reason: 'reader-timeout', detail: `Validating it took longer than ${outcome.silenceMs} ms.` }
}
