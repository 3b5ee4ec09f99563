/** How one test ended. */
export interface TestEnd {
  readonly name: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
  readonly error?: { readonly name?: string | undefined; readonly message: string } | undefined
}

export interface TestRun {
  readonly ends: readonly TestEnd[]
  /** It was killed at its time limit. */
  readonly hung: boolean
  readonly seconds: number
}

export type Judgement =
  | { readonly verdict: 'caught'; readonly by: string; readonly others: number }
  | { readonly verdict: 'hung' }
  | { readonly verdict: 'survived' }
  /** The patch or the tests are at fault: nothing is said about the bug. */
  | { readonly verdict: 'nothing told'; readonly why: string }

/** Why a run without any bug planted says that the tests cannot judge one; undefined when they can. */
export function faultOfHealthy({ ends, hung }: TestRun): string | undefined {
  if (hung) return 'they hang without it'
  const failed = ends.find(({ outcome }) => outcome === 'failed')
  if (failed) return `without it fails: ${failed.name}`
  return ends.some(({ outcome }) => outcome === 'passed') ? undefined : 'no test is run'
}

/**
 * Whether the tests noticed the bug: one of those that pass without it fails. A file that no longer starts, and code that
 * names what is not there, are broken patches, and no bugs.
 */
export function judge(healthy: TestRun, mutated: TestRun): Judgement {
  const passed = new Set(healthy.ends.filter(({ outcome }) => outcome === 'passed').map(({ name }) => name))
  const ran = mutated.ends.filter(({ name, outcome }) => passed.has(name) && outcome !== 'skipped')
  const failed = ran.filter(({ outcome }) => outcome === 'failed')
  const broken = failed.find(({ error }) => error?.name === 'ReferenceError' || error?.name === 'SyntaxError')
  if (broken) return { verdict: 'nothing told', why: `the patch is broken: ${broken.error?.message}` }
  const [first, ...others] = failed
  if (first) return { verdict: 'caught', by: first.name, others: others.length }
  if (mutated.hung) return { verdict: 'hung' }
  if (ran.length === 0) return { verdict: 'nothing told', why: 'the test file no longer starts' }
  if (ran.length < passed.size)
    return { verdict: 'nothing told', why: 'the test file ended before its tests, and none failed' }
  return { verdict: 'survived' }
}
