import type { Clock } from '@windrow/common/time/clock.ts'

export interface FailedLogins {
  /** Milliseconds until this address may try again; 0: now. */
  waitMs(address: string): number
  add(address: string): void
}

export interface FailureLimits {
  readonly withinMs: number
  /** Failures of one address, and of all addresses together, after which nobody is heard for the time. */
  readonly ofOne: number
  readonly ofAll: number
}

/** Guessing is slow: 5 wrong passwords a minute from one address, 50 from all of them. */
const defaultLimits: FailureLimits = { withinMs: 60_000, ofOne: 5, ofAll: 50 }

/** Counts wrong passwords of the last minute. It never holds more of them than are allowed to all. */
export function createFailedLogins(clock: Clock, limits: FailureLimits = defaultLimits): FailedLogins {
  let failures: { readonly address: string; readonly atMs: number }[] = []
  const recent = () => {
    failures = failures.filter(({ atMs }) => atMs > clock.now() - limits.withinMs)
    return failures
  }
  return {
    waitMs(address) {
      const all = recent()
      const mine = all.filter((failure) => failure.address === address)
      const waits = [waitOf(all, limits.ofAll), waitOf(mine, limits.ofOne)]
      return Math.max(0, ...waits.map((atMs) => atMs + limits.withinMs - clock.now()))
    },
    add: (address) => void recent().push({ address, atMs: clock.now() }),
  }
}

/** When the failure was that has to be forgotten first; long ago when there are few. */
const waitOf = (failures: readonly { atMs: number }[], most: number) => failures.at(-most)?.atMs ?? -Infinity
