import { spentOfCell, stateOfCell } from '../ledger/states.ts'
import { readAhead } from '../merging/read-ahead.ts'
import type { DeadLetter } from '../records/dead-letter.ts'
import { refusalReasons } from '../results/verdict.ts'
import type { Store } from '../store/store.ts'
import type { Plan } from '../sweep/plan.ts'
import { type AttemptNames, readFailedAttempts } from './attempts-in-store.ts'
import type { CurrentStates } from './current-states.ts'
import { isDead } from './state-words.ts'

/** The last failure of a configuration that is dead, or has failed and may heal. */
export interface Failure {
  readonly index: number
  readonly dead: boolean
  /** Error code of the last attempt; for refused output the reason too: `OUTPUT_CORRUPT (truncated)`. */
  readonly cause: string
  readonly message: string
  readonly host: string
  /** Attempts of the live epoch that failed. */
  readonly attempts: number
  /** The ledger counts fewer: it was rebuilt after Redis had been emptied. */
  readonly forgotten: boolean
}

const readsAtOnce = 16

/** The last failure of every configuration that has one in its live epoch, by index; committed ones are not asked. */
export async function readFailures(
  store: Store,
  { plan, states, attempts }: { plan: Plan; states: CurrentStates; attempts: AttemptNames },
): Promise<Map<number, Failure>> {
  const failures = new Map<number, Failure>()
  const open: { index: number; names: readonly string[] }[] = []
  for (let index = 0; index < plan.total; index++) {
    const state = stateOfCell(states.cells[index]!)
    const letter = states.deadLetters.get(index)
    if (letter && isDead(state)) failures.set(index, failureOfLetter(index, letter))
    else if (state !== 'committed') {
      const found = attempts.of(index, states.epochs.get(index) ?? 0)
      if (found.length > 0) open.push({ index, names: found })
    }
  }
  const reading = readAhead(open, readsAtOnce, async ({ index, names }) => ({
    index,
    failed: await readFailedAttempts(store, names),
  }))
  for await (const { index, failed } of reading) {
    const last = failed.at(-1)
    if (!last) continue
    const { code = last.outcome.toUpperCase(), message = '', host } = last
    const forgotten = states.source === 'ledger' && spentOfCell(states.cells[index]!) < failed.length
    const attempts = failed.length
    failures.set(index, { index, dead: false, cause: causeOf(code, message), message, host, attempts, forgotten })
  }
  return failures
}

/** What a selector's `error~TEXT` searches. */
export const errorText = ({ cause, message }: Failure) => `${cause}: ${message}`

function failureOfLetter(index: number, { code, message, host, attempts }: DeadLetter): Failure {
  return { index, dead: true, cause: causeOf(code, message), message, host, attempts, forgotten: false }
}

/** The message of refused output starts with the reason. */
function causeOf(code: string, message: string): string {
  const reason = refusalReasons.find((candidate) => message.startsWith(`${candidate}:`))
  return reason === undefined ? code : `${code} (${reason})`
}
