import { pino } from 'pino'

export type Logger = pino.Logger

/**
 * The log of a service: JSON lines on standard error, or readable lines on a terminal. Bind sweep, key, epoch, attempt
 * and job ids with `logger.child({...})`. Redis and store URLs are logged redacted by their callers; fields named like
 * secrets are censored here as a second net, and of an error (field `err`) only what describes it is written: those of
 * clients carry what they were about, the arguments of AUTH among it.
 */
export function createLogger(service: string, { level, readable }: { level: string; readable: boolean }): Logger {
  const options: pino.LoggerOptions = {
    name: service,
    level,
    redact: { paths: ['password', '*.password', 'secretAccessKey', '*.secretAccessKey', 'redisUrl', '*.redisUrl'] },
    serializers: { err: described },
  }
  if (!readable) return pino(options, pino.destination({ fd: 2, sync: true }))
  return pino(
    options,
    pino.transport({ target: 'pino-pretty', options: { destination: 2, ignore: 'pid,hostname', sync: true } }),
  )
}

/** Type, message and stack, with those of its causes, and facts that programs look for. */
function described(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error)
  const { type, message, stack } = pino.stdSerializers.err(error)
  const facts = describing.filter((name) => name in error).map((name) => [name, Reflect.get(error, name)])
  return { type, message, stack, ...Object.fromEntries(facts) }
}

const describing = ['code', 'next', 'context', 'errno', 'syscall', 'path', 'address', 'port'] as const

/** A log that says nothing, for tests of deciding code. */
export function silentLogger(): Logger {
  return pino({ level: 'silent' })
}
