/** How long the calls of ports take, by phase. */
export interface Phases {
  add(phase: string, ms: number): void
  /** What was added since the last time, ms. */
  take(): Map<string, number>
}

export function createPhases(): Phases {
  let added = new Map<string, number>()
  return {
    add: (phase, ms) => void added.set(phase, (added.get(phase) ?? 0) + ms),
    take() {
      const taken = added
      added = new Map()
      return taken
    },
  }
}

/** Which phase a call belongs to; undefined: none that is looked at. */
export type PhaseOf = (method: string, args: readonly unknown[]) => string | undefined

/** The port itself, every call of whose methods is timed until what it returns has settled. */
export function timed<Port extends object>(port: Port, phases: Phases, phaseOf: PhaseOf): Port {
  return new Proxy(port, {
    get(target, name) {
      const member: unknown = Reflect.get(target, name, target)
      if (typeof member !== 'function' || typeof name === 'symbol') return member
      return (...args: readonly unknown[]) => {
        const result: unknown = Reflect.apply(member, target, args)
        const phase = phaseOf(name, args)
        if (phase === undefined || !(result instanceof Promise)) return result
        const start = performance.now()
        return result.finally(() => phases.add(phase, performance.now() - start))
      }
    },
  })
}
