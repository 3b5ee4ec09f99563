import type { SweepDemand } from './allot-slots.ts'

/** What a worker sees of itself at one look. */
export interface WorkerLook {
  readonly now: number
  /** When it last began a job, if ever. */
  readonly lastStartAt: number | undefined
  /** Jobs of the sweeps it serves that could be taken: none of a paused sweep. */
  readonly waiting: number
  readonly freeSlots: number
  /** Shut while it waits for an outage to end. */
  readonly gateOpen: boolean
}

/** What it remembers between two looks. */
export interface Idleness {
  readonly lookedAt: number
  /** So long work has been waiting that it could have begun. */
  readonly idleMs: number
  readonly isStuck: boolean
}

export interface StuckLimits {
  /** So long it may leave work waiting. */
  readonly afterMs: number
  /** A longer time between two looks counts as this one only: Redis was away, or the machine asleep. */
  readonly longestGapMs: number
}

/**
 * Whether a worker is stuck: work waits, it has free slots and nothing that keeps it, and has begun nothing for `afterMs`.
 * It is until it begins something again; that others have done the work meanwhile proves nothing.
 */
export function idlenessAfter(before: Idleness | undefined, look: WorkerLook, limits: StuckLimits): Idleness {
  const { now, lastStartAt, waiting, freeSlots, gateOpen } = look
  if (before === undefined || (lastStartAt !== undefined && lastStartAt >= before.lookedAt)) {
    return { lookedAt: now, idleMs: 0, isStuck: false }
  }
  const couldBegin = waiting > 0 && freeSlots > 0 && gateOpen
  const gapMs = Math.min(Math.max(0, now - before.lookedAt), limits.longestGapMs)
  const idleMs = couldBegin ? before.idleMs + gapMs : 0
  return { lookedAt: now, idleMs, isStuck: before.isStuck || idleMs >= limits.afterMs }
}

export interface StuckWatchOptions extends StuckLimits {
  readonly slots: number
  readonly gate: { readonly open: boolean }
  readonly clock: { now(): number }
  /** Hears why the worker is stuck, and (undefined) that it is not any more. */
  readonly onChange: (why: string | undefined) => void
}

export interface StuckWatch {
  /** A job has begun. */
  began(): void
  /** What waits and what runs, at every look. */
  look(demands: readonly SweepDemand[]): void
}

/** Watches a worker by what it tells of itself. */
export function createStuckWatch(options: StuckWatchOptions): StuckWatch {
  const { slots, gate, clock, onChange } = options
  let lastStartAt: number | undefined
  let idleness: Idleness | undefined
  return {
    began: () => {
      lastStartAt = clock.now()
    },
    look(demands) {
      const before = idleness
      const waiting = demands.reduce((sum, demand) => sum + demand.waiting, 0)
      const freeSlots = slots - demands.reduce((sum, { running }) => sum + running, 0)
      const look = { now: clock.now(), lastStartAt, waiting, freeSlots, gateOpen: gate.open }
      idleness = idlenessAfter(before, look, options)
      if (idleness.isStuck === (before?.isStuck ?? false)) return
      onChange(idleness.isStuck ? describe(idleness, { slots, freeSlots, demands }) : undefined)
    },
  }
}

function describe(
  { idleMs }: Idleness,
  { slots, freeSlots, demands }: { slots: number; freeSlots: number; demands: readonly SweepDemand[] },
): string {
  const waits = demands.filter(({ waiting }) => waiting > 0).map(({ sweep, waiting }) => `${waiting} of ${sweep}`)
  return `${freeSlots} of ${slots} slots are free and jobs wait (${waits.join(', ')}), but none has begun for ${Math.round(idleMs / 1000)} s.`
}
