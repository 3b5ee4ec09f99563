import { pino } from 'pino'

export type Logger = pino.Logger

/**
 * The log of a service: JSON lines on standard error, or readable lines on a terminal. Bind sweep, key, epoch, attempt
 * and job ids with `logger.child({...})`. Redis and store URLs are logged redacted by their callers; fields named like
 * secrets are censored here as a second net.
 */
export function createLogger(service: string, { level, readable }: { level: string; readable: boolean }): Logger {
  const options: pino.LoggerOptions = {
    name: service,
    level,
    redact: { paths: ['password', '*.password', 'secretAccessKey', '*.secretAccessKey', 'redisUrl', '*.redisUrl'] },
    serializers: { err: pino.stdSerializers.err },
  }
  if (!readable) return pino(options, pino.destination({ fd: 2, sync: true }))
  return pino(
    options,
    pino.transport({ target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname', sync: true } }),
  )
}

/** A log that says nothing, for tests of deciding code. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
