import type { WindrowError } from '../errors/windrow-error.ts'
import type { Logger } from '../logging/logger.ts'

/** What a log hears of a connection: that it is away, once for each reason, and that it is back. */
export interface OutageNews {
  readonly onError: (error: WindrowError) => void
  readonly onReady: () => void
}

export function createOutageNews(logger: Pick<Logger, 'info' | 'warn'>): OutageNews {
  let told: string | undefined
  return {
    onError(error) {
      if (error.message === told) return
      told = error.message
      logger.warn({ code: error.code }, `waiting: ${error.message.replace(/[^.]$/, '$&.')} ${error.next}`)
    },
    onReady() {
      if (told === undefined) return
      told = undefined
      logger.info('Redis answers; going on')
    },
  }
}
