import { appendFileSync } from 'node:fs'
import type { FaultName } from './doses.ts'

/** A fault that was given. */
export interface Dose {
  readonly fault: FaultName
  /** Milliseconds since the epoch. */
  readonly at: number
  /** Configurations that were in its way. */
  readonly touched: readonly string[]
  readonly facts: Readonly<Record<string, unknown>>
  /** The system was seen to notice it. */
  caught: boolean
}

/** What the harness itself saw and did; nothing of it comes from the records of the system. */
export interface Journal {
  readonly path: string
  readonly doses: readonly Dose[]
  dose(fault: FaultName, facts?: Readonly<Record<string, unknown>>, touched?: readonly string[]): Dose
  note(what: string, facts?: Readonly<Record<string, unknown>>): void
}

/** A journal in a file, a line of JSON for everything that happens. */
export function openJournal(path: string, say: (line: string) => void): Journal {
  const doses: Dose[] = []
  const begun = Date.now()
  const write = (line: Readonly<Record<string, unknown>>) => {
    appendFileSync(path, `${JSON.stringify(line)}\n`)
    const { at: _at, what, ...rest } = line
    say(`${((Date.now() - begun) / 1000).toFixed(1).padStart(7)} s  ${what}  ${JSON.stringify(rest)}`)
  }
  return {
    path,
    doses,
    dose(fault, facts = {}, touched = []) {
      const dose = { fault, at: Date.now(), touched, facts, caught: false }
      doses.push(dose)
      write({ at: dose.at, what: fault, ...facts, ...(touched.length > 0 && { touched }) })
      return dose
    },
    note: (what, facts = {}) => write({ at: Date.now(), what, ...facts }),
  }
}
