import { errorCatalogue } from '@windrow/common/errors/catalogue.ts'
import type { OutageWord } from '@windrow/common/ledger/outages.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { Health } from '@windrow/common/processes/health.ts'

interface Tellers {
  readonly logger: Logger
  readonly health: Health
}

/** Tells whoever asks or watches that the worker is stuck and why, or (undefined) that it is not any more. */
export function tellStuck(
  why: string | undefined,
  { logger, health }: Tellers,
  own: { readonly worker: string; readonly word: OutageWord; readonly setStuck: (isStuck: boolean) => void },
): void {
  const code = 'WORKER_STUCK'
  const { meaning, next } = errorCatalogue[code]
  own.setStuck(why !== undefined)
  health.report(why === undefined ? undefined : { code, message: `${why} ${next}` })
  void own.word.say(why === undefined ? undefined : `${meaning} Worker ${own.worker}: ${why}`)
  if (why === undefined) logger.info('beginning work again')
  else logger.error({ code, next }, `${meaning} ${why}`)
}

/** Tells whoever asks or watches in which sweeps the host begins nothing any more; none: that it takes work again. */
export function tellSetAside(
  sweeps: readonly string[],
  { logger, health }: Tellers,
  own: { readonly host: string; readonly setSweepsAside: (sweeps: number) => void },
): void {
  const code = 'HOST_SET_ASIDE'
  const { meaning, next } = errorCatalogue[code]
  const message = `${meaning} Host ${own.host} is set aside in ${sweeps.join(', ')}.`
  own.setSweepsAside(sweeps.length)
  health.holdBack(sweeps.length === 0 ? undefined : { code, message: `${message} ${next}` })
  if (sweeps.length === 0) logger.info({ host: own.host }, 'this host is not set aside any more')
  else logger.error({ code, host: own.host, sweeps, next }, message)
}
