import { isDeepStrictEqual } from 'node:util'
import { readStrictly, type StrictReading } from '@windrow/common/hdf5/strict-reader/read-strictly.ts'
import { readSuperblock } from '@windrow/common/hdf5/superblock.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import type { RefusalReason, Validator, Verdict } from '@windrow/common/results/verdict.ts'
import { canaryText } from './canary.ts'
import { createOracle } from './oracle.ts'
import { type Mutant, mutantAt } from './plan.ts'
import type { Seed } from './seeds.ts'
import { type Outcome, Tally } from './tally.ts'

export interface Campaign {
  readonly seeds: readonly Seed[]
  /** The mutants to be made, by number. */
  readonly indices: Iterable<number>
  /** Of the validator, less than a minute where hangs are not to hold up a test. */
  readonly timeoutMs?: number
}

const lanes = 2
const oracleTimeoutMs = 10_000
const outcomeOfReason: Partial<Record<RefusalReason, Outcome>> = {
  ...{ empty: 'frame', 'too-small': 'frame', 'not-hdf5': 'frame', truncated: 'frame' },
  ...{ 'missing-object': 'schema', 'wrong-type': 'schema', 'wrong-shape': 'schema', 'too-large': 'schema' },
  ...{ 'digest-mismatch': 'digest', 'reader-timeout': 'hang ended', 'reader-crashed': 'crash contained' },
}

/**
 * Validates mutants as the worker and the merger do, and judges each verdict against what the original said; where the strict
 * reader decides, libhdf5 is asked, too.
 */
export async function runCampaign({ seeds, indices, timeoutMs = 60_000 }: Campaign): Promise<Tally> {
  const evaluationModule = new URL('../fixtures/stand-in-evaluation.ts', import.meta.url)
  const validator = createThreadValidator({ timeoutMs, size: lanes, evaluationModule })
  const oracle = createOracle()
  const tally = new Tally()
  const queue = indices[Symbol.iterator]()
  const lane = async () => {
    for (let next = queue.next(); !next.done; next = queue.next()) {
      const mutant = mutantAt(next.value, seeds)
      const { verdict, ms } = await timed(validator, mutant)
      const strict = readStrictly(mutant.bytes)
      tally.add(mutant, { outcome: outcomeOf(mutant, verdict, strict), ms })
      if (tellsOfHost(verdict)) tally.leak(mutant)
      if (strict.kind === 'not-ours') continue
      const asked = await oracle.ask(mutant.bytes, { silenceMs: oracleTimeoutMs })
      const byLibhdf5 = asked.kind === 'answer' && asked.answer.kind === 'read' ? asked.answer.read.contents : undefined
      const agrees = strict.kind === 'ours' ? isAsRead(verdict, byLibhdf5) : byLibhdf5 === undefined
      tally.compare(mutant, agrees)
    }
  }
  await Promise.all(Array.from({ length: lanes }, lane))
  await Promise.all([validator.close(), oracle.close()])
  return tally
}

/**
 * An accident must be found by the file alone. A forger can mend every checksum, and put another configuration digest under
 * them: that is what the expectation of worker and merger is for, as it is for files whose metadata has no checksums.
 */
async function timed(
  validator: Validator,
  { bytes, family, forged }: Mutant,
): Promise<{ verdict: Verdict; ms: number }> {
  const accident = family === 'Windrow' && !forged
  const start = performance.now()
  const verdict = await validator.validate(bytes, accident ? {} : { configurationDigest: 'c0ffee'.repeat(10) })
  return { verdict, ms: performance.now() - start }
}

function outcomeOf({ seed, bytes }: Mutant, verdict: Verdict, strict: StrictReading): Outcome {
  if (verdict.ok) return isDeepStrictEqual(verdict.contents, seed.contents) ? 'benign' : 'silently wrong'
  if (verdict.reason !== 'unreadable') return outcomeOfReason[verdict.reason] ?? 'values'
  if (readSuperblock((offset, length) => bytes.subarray(offset, offset + length), bytes.length) === 'unknown')
    return 'frame'
  return strict.kind === 'damaged' ? 'checksum' : 'libhdf5'
}

/** Where the strict reader read the file, libhdf5 must have read the same, if the contents passed at all. */
function isAsRead(verdict: Verdict, byLibhdf5: unknown): boolean {
  return verdict.ok ? isDeepStrictEqual(verdict.contents, byLibhdf5) : true
}

function tellsOfHost(verdict: Verdict): boolean {
  const told = verdict.ok ? Object.values(verdict.contents.attributes).join() : verdict.detail
  return told.includes(canaryText)
}
