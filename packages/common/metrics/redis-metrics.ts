import { subscribe } from 'node:diagnostics_channel'
import type { Redis } from 'ioredis'
import { Gauge, Histogram } from 'prom-client'
import { isWindrowError } from '../errors/windrow-error.ts'
import { awaitRedis } from '../redis/connection.ts'
import type { Metrics } from './metrics.ts'

const patienceMs = 1_000

/** Whether Redis answers, and how long it takes: commands of all connections of this process, from the first scrape on. */
export function observeRedis(redis: Redis, metrics: Metrics): void {
  const registers = [metrics.registry]
  const durations = new Histogram({
    name: 'windrow_redis_command_duration_seconds',
    help: 'Time from sending a command to Redis to its answer, by outcome; without commands that wait for a job.',
    labelNames: ['outcome'],
    buckets: [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  })
  metrics.onFirstScrape(() => timeCommands((seconds, outcome) => durations.observe({ outcome }, seconds)))
  const up = new Gauge({ name: 'windrow_redis_up', help: '1 when Redis answered this scrape, else 0.', registers })
  metrics.atScrape({
    what: 'Redis',
    forget: () => up.set(0),
    look: async () => {
      const answers = await hasAnswered(redis)
      return () => up.set(answers ? 1 : 0)
    },
  })
}

/** That Redis is away is what is measured here, and no trouble with measuring. */
async function hasAnswered(redis: Redis): Promise<boolean> {
  try {
    await awaitRedis(redis, patienceMs)
    return true
  } catch (error) {
    if (isWindrowError(error)) return false
    throw error
  }
}

/** Answered when there is a job or a message, or what a connection tells of itself: they say nothing of Redis. */
const otherCommands = /^(b[lrz]|xread|wait|p?subscribe|monitor|client)/i

/** ioredis tells of its commands over a channel of Node's, the same object at the beginning and at the end. */
function timeCommands(observe: (seconds: number, outcome: 'ok' | 'failed') => void): void {
  const startedAt = new WeakMap<object, number>()
  subscribe('tracing:ioredis:command:start', (command) => {
    if (isObject(command) && !otherCommands.test(String(Reflect.get(command, 'command')))) {
      startedAt.set(command, performance.now())
    }
  })
  subscribe('tracing:ioredis:command:asyncEnd', (command) => {
    if (!isObject(command)) return
    const since = startedAt.get(command)
    if (since === undefined) return
    observe((performance.now() - since) / 1000, 'error' in command ? 'failed' : 'ok')
  })
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null
