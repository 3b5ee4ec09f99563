import type { Terminal } from './terminal.ts'

/** What becomes of something that was recorded, when it is not known that services take it up at once. */
export function describeProducers(producers: number | undefined): string {
  if (producers === undefined)
    return 'No services were reached: it is on record in the store and counts when they run.\n'
  if (producers > 0) return ''
  return 'No producer listens at this Redis: it is on record in the store and counts when one runs (windrow producer).\n'
}

/** A Redis that was named but does not answer is worth a word; what is on record in the store counts all the same. */
export function warnOfSilentRedis(redis: { failed: boolean; why: string | undefined }, { say }: Terminal): void {
  if (redis.failed) say(`warning: ${redis.why}`)
}
