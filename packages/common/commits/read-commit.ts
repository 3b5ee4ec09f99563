import { createHash } from 'node:crypto'
import type { ResultExpectation, Validator, Verdict } from '../results/verdict.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'

/** Fresh reads before a commit counts as damaged: a store may answer wrongly once. */
const readsBeforeDamaged = 3

export interface CommitAddress {
  readonly sweep: string
  readonly key: string
  readonly epoch: number
}

export type CommitReading =
  | { readonly kind: 'absent' }
  | { readonly kind: 'valid'; readonly bytes: Uint8Array; readonly verdict: Verdict & { ok: true } }
  | { readonly kind: 'damaged'; readonly bytes: Uint8Array; readonly verdict: Verdict & { ok: false } }

/**
 * Reads a commit and validates it. A commit that does not verify is read afresh, three times in all, before it is
 * called damaged. Throws what the store throws.
 */
export async function readCommit(
  ports: { store: Store; validator: Validator },
  address: CommitAddress,
  expectation: ResultExpectation,
): Promise<CommitReading> {
  let reading: CommitReading = { kind: 'absent' }
  for (let read = 0; read < readsBeforeDamaged; read++) {
    const bytes = await ports.store.read(names.result(address.sweep, address.key, address.epoch))
    if (!bytes) return { kind: 'absent' }
    const verdict = await ports.validator.validate(bytes, expectation)
    if (verdict.ok) return { kind: 'valid', bytes, verdict }
    reading = { kind: 'damaged', bytes, verdict }
  }
  return reading
}

/** SHA-256 of bytes, hexadecimal. */
export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
