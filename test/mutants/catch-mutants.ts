import { faultOfHealthy, type Judgement, judge, type TestRun } from './judge.ts'
import { type Catcher, type Mutant, nameOf } from './mutant.ts'
import { runCatcher } from './run-catcher.ts'
import type { TreeCopy } from './tree-copy.ts'

export interface MutantOutcome {
  readonly mutant: Mutant
  readonly judgements: readonly { readonly catcher: Catcher; readonly judgement: Judgement }[]
  /** By every one of the tests that must. */
  readonly caught: boolean
  /** With the bug planted. */
  readonly seconds: number
}

interface Surroundings {
  readonly copy: TreeCopy
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

const healthyLimitMs = 600_000
/** A machine may be slower a moment later; what takes so much longer does not end. */
const limitOf = ({ seconds }: TestRun) => 60_000 + 4_000 * seconds

/** Runs the tests that each mutant names with its bug planted, once they have been run without any. */
export async function catchMutants(
  mutants: readonly Mutant[],
  { copy, signal, say }: Surroundings,
): Promise<MutantOutcome[]> {
  const healthyRuns = new Map<string, TestRun>()
  const outcomes: MutantOutcome[] = []
  for (const mutant of mutants) {
    for (const catcher of mutant.catchers) await runHealthy(catcher, healthyRuns, { copy, signal, say })
    const began = performance.now()
    const judgements: MutantOutcome['judgements'][number][] = []
    await copy.withPatch(mutant, async () => {
      for (const catcher of mutant.catchers) {
        const healthy = healthyRuns.get(nameOf(catcher))!
        judgements.push({ catcher, judgement: await judgeOne(catcher, healthy, { copy, signal, say }) })
      }
    })
    const caught = judgements.every(({ judgement: { verdict } }) => verdict === 'caught' || verdict === 'hung')
    const seconds = (performance.now() - began) / 1000
    outcomes.push({ mutant, judgements, caught, seconds })
    say(`${caught ? 'caught' : 'NOT CAUGHT'} in ${seconds.toFixed(1)} s: ${mutant.name}`)
  }
  return outcomes
}

async function judgeOne(catcher: Catcher, healthy: TestRun, { copy, signal }: Surroundings): Promise<Judgement> {
  const fault = faultOfHealthy(healthy)
  if (fault !== undefined) return { verdict: 'nothing told', why: fault }
  return judge(healthy, await runCatcher(catcher, copy, { limitMs: limitOf(healthy), signal }))
}

async function runHealthy(
  catcher: Catcher,
  known: Map<string, TestRun>,
  { copy, signal, say }: Surroundings,
): Promise<void> {
  const name = nameOf(catcher)
  if (known.has(name)) return
  const ran = await runCatcher(catcher, copy, { limitMs: healthyLimitMs, signal })
  known.set(name, ran)
  say(`${ran.ends.length} tests in ${ran.seconds.toFixed(1)} s without any bug: ${name}`)
}
