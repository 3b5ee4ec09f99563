import { createRequire } from 'node:module'
import { Redis } from 'ioredis'
import { isInside, pass, tellUnnamed, within } from './passing.ts'

/** What ioredis and BullMQ reject with when the connection is gone before the answer has come. */
const failure = () => new Error('Connection is closed.')

/** Makes every writing command to Redis that no port sends, and every script of BullMQ that changes a job, pass a point. */
export function nameCommands(): void {
  nameScripts()
  const seen = new WeakSet<object>()
  const send = Redis.prototype.sendCommand
  Redis.prototype.sendCommand = function (this: Redis, ...given: Parameters<typeof send>): unknown {
    const [command] = given
    const call = () => send.apply(this, given)
    // What waited for a connection is sent a second time.
    if (isInside() || reading.has(command.name.toLowerCase()) || seen.has(command)) {
      seen.add(command)
      return call()
    }
    seen.add(command)
    const operation = operationOf(command.name.toLowerCase(), String(command.args[0]))
    if (operation === undefined) {
      tellUnnamed(`redis.${command.name} ${String(command.args[0])}`)
      return call()
    }
    return pass({ operation, call: async () => await call(), failure, matters: (reply) => reply !== null })
  }
}

function operationOf(command: string, key: string): string | undefined {
  const what = keys.find(([pattern]) => pattern.test(key))?.[1]
  if (command === 'bzpopmin') return 'jobs.bzpopmin'
  return what && `redis.${command}:${what}`
}

const keys: readonly (readonly [RegExp, string])[] = [
  [/^windrow:outages$/, 'outages'],
  [/^windrow:.*:passes$/, 'passes'],
  [/^windrow:wake$/, 'wake'],
  [/^bull:.*:meta$/, 'queue-settings'],
]

/** Commands that change nothing, or nothing but this connection. */
const reading = new Set([
  ...[
    'info',
    'ping',
    'client',
    'hello',
    'auth',
    'select',
    'subscribe',
    'unsubscribe',
    'quit',
    'script',
    'multi',
    'time',
    'exec',
  ],
  ...['get', 'exists', 'hget', 'hgetall', 'hmget', 'hexists', 'hlen', 'llen', 'lrange', 'lpos', 'zcard', 'zscore'],
  ...['zrange', 'type', 'scan', 'config', 'command', 'getbuffer', 'readonly'],
])

/** BullMQ names its scripts where it runs them; by then Redis is told their digest only. */
function nameScripts(): void {
  const inBullmq = createRequire(createRequire(import.meta.url).resolve('bullmq'))
  const { RedisQueueBackend } = inBullmq('./classes/redis-queue-backend.js')
  const run = RedisQueueBackend.prototype.execCommand
  RedisQueueBackend.prototype.execCommand = function (client: unknown, script: string, args: readonly unknown[]) {
    const call = () => run.call(this, client, script, args)
    if (readingScripts.test(script)) return within(script, call)
    const operation = `jobs.${script}${script === 'moveToFinished' ? `:${targetOf(args)}` : ''}`
    return pass({ operation, call, failure, matters: matters[script] ?? (() => true) })
  }
}

const readingScripts = /^(get|is|paginate)/

const targetOf = (args: readonly unknown[]) => (args.includes('completed') ? 'completed' : 'failed')

/** Looking for a job, or for lost ones, and finding none. */
const matters: Readonly<Record<string, (reply: unknown) => boolean>> = {
  moveToActive: (reply) => Array.isArray(reply) && Boolean(reply[0]),
}
