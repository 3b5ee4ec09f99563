import { collectDefaultMetrics, Registry } from 'prom-client'
import { messageOf } from '../errors/windrow-error.ts'
import type { Logger } from '../logging/logger.ts'
import { oneAtATime } from '../time/one-at-a-time.ts'

/** Something that is looked at when a scrape asks for it. */
export interface Sampling {
  /** For the log, when it cannot be looked at. */
  readonly what: string
  /** Looks, and answers how to note what it found. */
  readonly look: () => Promise<() => void>
  /** Takes the last look back: what cannot be looked at is shown as absent, never as it was. */
  readonly forget: () => void
}

/** The metrics of one process, as Prometheus reads them. */
export interface Metrics {
  readonly registry: Registry
  /** Looks at every scrape. */
  atScrape(sampling: Sampling): void
  /** Begins to measure what costs something at the first scrape: whoever is not watched pays nothing. */
  onFirstScrape(begin: () => void): void
  scrape(): Promise<{ readonly contentType: string; readonly text: string }>
}

/**
 * Metrics that know nothing yet but the process itself (`process_*`, `nodejs_*`). What does not answer within `lookMs` is
 * left out of a scrape: Prometheus itself gives up after 10 s.
 */
export function createMetrics(logger: Logger, { lookMs = 2_000 } = {}): Metrics {
  const registry = new Registry()
  const samplers: (() => Promise<void>)[] = []
  const beginnings = [() => collectDefaultMetrics({ register: registry })]
  return {
    registry,
    atScrape: (sampling) => void samplers.push(samplerOf(sampling, { logger, lookMs })),
    onFirstScrape: (begin) => void beginnings.push(begin),
    async scrape() {
      for (const begin of beginnings.splice(0)) begin()
      await Promise.all(samplers.map((sample) => sample()))
      return { contentType: registry.contentType, text: await registry.metrics() }
    },
  }
}

function samplerOf(
  { what, look, forget }: Sampling,
  { logger, lookMs }: { logger: Logger; lookMs: number },
): () => Promise<void> {
  const late = () => new Error(`no answer within ${lookMs / 1000} s`)
  const ask = oneAtATime(look, { withinMs: lookMs, late })
  return async () => {
    try {
      const note = await ask()
      forget()
      note()
    } catch (error) {
      forget()
      logger.warn({ err: error }, `${what} cannot be measured: ${messageOf(error)}`)
    }
  }
}
