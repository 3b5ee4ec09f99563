import { resolve } from 'node:path'
import { readActions, recordAction } from '@windrow/common/accounting/actions.ts'
import { type Pause, pauseBy } from '@windrow/common/accounting/pause.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { checkProblems } from '@windrow/common/optimizing/check-problems.ts'
import { readCommandOptimizers } from '@windrow/common/optimizing/command-optimizers.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { planOfSpecification, type SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { Manifest } from '@windrow/common/sweep/manifest.ts'
import { type Submission, submitManifest } from '@windrow/common/sweep/manifests.ts'
import { readSpecification } from '@windrow/common/sweep/read-specification.ts'
import { matches, parseSelector } from '@windrow/common/sweep/selector.ts'
import type { Specification } from '@windrow/common/sweep/specification.ts'
import { createSweepReader, type SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'

/** A specification as it is given on the command line. */
export interface GivenSpecification {
  readonly specificationPath: string
  readonly only: readonly string[]
  readonly set: readonly string[]
  readonly optimizersFile?: string | undefined
}

/** A specification that has been read and checked; nothing is in the store yet. */
export interface CheckedSpecification {
  readonly specification: Specification
  readonly only: readonly string[]
  readonly total: number
  readonly selected: number
  readonly firstKeys: readonly string[]
}

/** Who submits, and with what. */
export interface Submitter {
  readonly numericsId: string
  readonly windrowVersion: string
  readonly user: string
}

export interface EnteredSweep extends Pick<Submission, 'outcome' | 'added'> {
  readonly submitted: SubmittedSweep
  readonly selected: number
  /** The selection's record: a producer that has heeded it knows of this submission. */
  readonly action: string
  /** The pause that an operator has put the sweep under. */
  readonly pause?: Pause
  /** Other numerics than this machine's, with which the sweep began: its repeats may differ in the last bits. */
  readonly otherNumerics: readonly string[]
}

/** Reads a specification and checks every problem in it; throws before anything is changed. */
export async function checkSpecification(given: GivenSpecification): Promise<CheckedSpecification> {
  const commands = await readCommandOptimizers(given.optimizersFile)
  const specification = await readSpecification(resolve(given.specificationPath), {
    set: [...given.set],
    optimizers: [...commands.keys()],
  })
  checkProblems(specification)
  const plan = planOfSpecification(specification)
  const firstKeys = [0, 1, 2].filter((index) => index < plan.total).map((index) => plan.keyAt(index))
  return { specification, only: given.only, total: plan.total, selected: countSelected(plan, given.only), firstKeys }
}

/**
 * Enters a checked specification into the store, and what is wanted of it from now on: the selection given, or everything.
 * Throws SPEC_CHANGED, with the difference, when another specification has the name.
 */
export async function enterSweep(
  store: Store,
  { specification, only, selected }: CheckedSpecification,
  { numericsId, windrowVersion, user }: Submitter,
): Promise<EnteredSweep> {
  const sweep = specification.name
  const facts = { now: systemClock.now(), numericsId, windrowVersion, submittedBy: user }
  const { outcome, added, manifests } = await submitManifest(store, specification, facts)
  const selection = { sweep, action: 'select' as const, selector: [...only], by: user }
  const action = await recordAction(store, selection, { now: systemClock.now(), id: systemRandomness.id() })
  const pause = pauseBy((await readActions(store, sweep)).actions)
  return {
    ...{ outcome, added, selected, action },
    submitted: await createSweepReader(store).read(sweep),
    ...(pause && { pause }),
    otherNumerics: otherNumericsOf(manifests, numericsId),
  }
}

/** `quickstart: new sweep; 24 configurations, 12 selected`. */
export function describeEntered({ submitted: { plan }, outcome, added, selected }: EnteredSweep): string {
  const what = {
    new: 'new sweep',
    resumed: 'resuming',
    extended: `extended by ${added} configurations, what is done is kept`,
    'policy-changed': 'resuming with a changed policy',
  }[outcome]
  const part = selected < plan.total ? `, ${selected} selected` : ''
  return `${plan.sweep}: ${what}; ${plan.total} configurations${part}`
}

/** What a submitter should know of other numerics; undefined when there are none. */
export function describeOtherNumerics({ otherNumerics }: EnteredSweep, { numericsId }: Submitter): string | undefined {
  if (otherNumerics.length === 0) return undefined
  return `This machine computes with ${numericsId}, the sweep began with ${otherNumerics.join(', ')}: repeats may differ in the last bits.`
}

function countSelected(plan: SweepPlan, only: readonly string[]): number {
  if (only.length === 0) return plan.total
  const selector = parseSelector([...only], plan.fieldNames)
  let count = 0
  for (let index = 0; index < plan.total; index++) {
    if (matches(selector, { configuration: plan.at(index), state: 'pending' })) count++
  }
  if (count > 0) return count
  throw new WindrowError('SELECTOR_INVALID', {
    message: `--only ${only.join(' ')} selects none of the ${plan.total} configurations of ${plan.sweep}`,
  })
}

function otherNumericsOf(manifests: readonly Manifest[], numericsId: string): string[] {
  return [...new Set(manifests.map((manifest) => manifest.numericsId))].filter((id) => id !== numericsId)
}
