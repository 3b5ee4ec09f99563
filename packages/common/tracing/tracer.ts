/**
 * What is said of a span, by short names such as sweep, key, epoch, attempt: never a secret, never what is in a file.
 * A `cause` says why it failed.
 */
export type SpanFacts = Readonly<Record<string, string | number | boolean | undefined>>

/**
 * Follows what is done for a configuration through the services. Whoever decides takes one as a port and knows nothing
 * of where spans go; `untraced` follows nothing. The other adapter is open-telemetry.ts.
 */
export interface Tracer {
  /**
   * Runs `act` as a span of this name, inside the span that runs already. `tell` adds what is known only later. What
   * `act` throws marks the span as failed, and is thrown.
   */
  span<Answer>(
    name: string,
    facts: SpanFacts,
    act: (tell: (facts: SpanFacts) => void) => Promise<Answer>,
  ): Promise<Answer>
  /** Names the span that runs, for another process to go on from; undefined when nothing is traced. */
  carry(): string | undefined
  /** Runs `act` as a part of the span that another process has carried over; what is no such name is passed over. */
  within<Answer>(carried: string | undefined, act: () => Promise<Answer>): Promise<Answer>
}

const tellNobody = () => undefined

export const untraced: Tracer = {
  span: (_name, _facts, act) => act(tellNobody),
  carry: () => undefined,
  within: (_carried, act) => act(),
}
