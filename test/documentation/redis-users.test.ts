import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { after, describe, it } from 'node:test'
import { ledgerScripts } from '@windrow/common/ledger/redis-scripts.ts'
import { connectRedis } from '@windrow/common/redis/connection.ts'
import { checkRedis, translateRedisError } from '@windrow/common/redis/redis-health.ts'
import { startConfiguredRedis } from '../fixtures/configured-redis.ts'
import { windrowRights, windrowUsers } from '../fixtures/windrow-users.ts'

const bullmqScripts = new URL('../../node_modules/bullmq/dist/cjs/scripts/', import.meta.url)

/** What the scripts of BullMQ run that services call, and with --writable the dashboard. */
const calledByServices = [
  ...['addStandardJob', 'addPrioritizedJob', 'getCounts', 'pause', 'obliterate', 'removeJob', 'reprocessJob'],
  ...['moveToActive', 'moveToFinished', 'moveToDelayed', 'moveJobFromActiveToWait', 'moveStalledJobsToWait'],
  ...['extendLock', 'extendLocks', 'updateProgress', 'getRanges', 'getStateV2', 'getMetrics', 'moveJobsToWait'],
]
/** Given by no script, but by Windrow, BullMQ or ioredis themselves. */
const givenByServices = [
  ...['bzpopmin', 'client|setname', 'eval', 'evalsha', 'exec', 'hlen', 'hsetnx', 'info', 'multi', 'ping'],
  ...['publish', 'subscribe', 'time', 'unlink'],
]

/** The commands that a script gives; `pushCmd` stands for one of two. */
function commandsOf(lua: string): string[] {
  const called = lua.matchAll(/call\(['"]([A-Za-z]+)['"]/g)
  const pushed = lua.matchAll(/['"]([LR]PUSH)['"]/g)
  return [...called, ...pushed].map(([, command]) => command!.toLowerCase())
}

function commandsOfBullmq(name: string): string[] {
  const file = readdirSync(bullmqScripts).find((candidate) => candidate.replace(/-\d+\.js$/, '') === name)
  assert.ok(file, `BullMQ has no script ${name}`)
  return commandsOf(readFileSync(new URL(file, bullmqScripts), 'utf8'))
}

async function startWithUsers() {
  const passwords = { windrow: 'sesame', reader: 'look' }
  const lines = (port: number) => ['bind 127.0.0.1', `port ${port}`]
  const redis = await startConfiguredRedis({ lines, users: windrowUsers(passwords) })
  const connect = (user: string, password: string) => {
    const client = connectRedis(`redis://${user}:${password}@127.0.0.1:${redis.port}`)
    after(() => client.disconnect())
    return client
  }
  return { ...redis, windrow: connect('windrow', 'sesame'), reader: connect('windrow-reader', 'look') }
}

const foreign: readonly (readonly [string, ...string[]])[] = [
  ['FLUSHALL'],
  ['FLUSHDB'],
  ['CONFIG', 'SET', 'dir', '/tmp'],
  ['CONFIG', 'GET', '*'],
  ['KEYS', '*'],
  ['SCAN', '0'],
  ['SHUTDOWN'],
  ['MONITOR'],
  ['ACL', 'LIST'],
  ['CLIENT', 'LIST'],
  ['SCRIPT', 'FLUSH'],
  ['REPLICAOF', '127.0.0.1', '1'],
  ['MIGRATE', '127.0.0.1', '1', 'k', '0', '1'],
  ['GET', 'somebody'],
  ['SET', 'somebody', '1'],
  ['HGETALL', 'bull:other:meta'],
  ['DEL', 'bull:other:wait'],
  ['EVAL', "return redis.call('SET', KEYS[1], 1)", '1', 'somebody'],
  ['EVAL', "return redis.call('GET', 'somebody')", '0'],
  ['EVAL', "return redis.call('FLUSHALL')", '0'],
  ['PUBLISH', 'other', 'x'],
]

describe('the Redis users of the example', () => {
  it('may give the commands that Windrow and the scripts it calls give, and no other', () => {
    const own = Object.values(ledgerScripts).flatMap(({ lua }) => commandsOf(lua))
    const expected = new Set([...own, ...calledByServices.flatMap(commandsOfBullmq), ...givenByServices])
    const rights = windrowRights()
    assert.deepEqual(rights.get('windrow'), [...expected].sort())
    const reading = rights.get('windrow-reader')!
    assert.deepEqual(
      reading.filter((command) => !expected.has(command)),
      [],
    )
  })

  it('reach no settings, no other keys and channels, not even through a script', async () => {
    const { windrow, reader, administrator } = await startWithUsers()
    await administrator.set('somebody', 'secret')
    for (const user of [windrow, reader]) {
      for (const [command, ...args] of foreign) {
        const refusal = await user.call(command, ...args).then(
          (answer) => assert.fail(`${command} ${args.join(' ')} was answered: ${answer}`),
          (error: unknown) => error,
        )
        assert.equal(translateRedisError(refusal)?.code, 'REDIS_REFUSED', `${command} ${args.join(' ')}: ${refusal}`)
      }
    }
    assert.equal(await administrator.get('somebody'), 'secret')
  })

  it('of which the reader changes nothing, but may wake a producer', async () => {
    const { windrow, reader } = await startWithUsers()
    await windrow.set('windrow:{s}:passes', 'one')
    const key = 'windrow:{s}:passes'
    for (const [command, ...args] of [
      ['SET', 'two'],
      ['APPEND', 'two'],
      ['SETRANGE', '0', 'two'],
      ['DEL'],
      ['UNLINK'],
      ['HSET', 'field', 'two'],
      ['LPUSH', 'two'],
    ]) {
      await assert.rejects(reader.call(command!, key, ...args), /NOPERM/, command)
    }
    const script = "return redis.call('SET', KEYS[1], 'two')"
    await assert.rejects(reader.eval(script, 1, key), /can't run this command|ACL failure/)
    assert.equal(await reader.get(key), 'one')
    assert.equal(await reader.publish('windrow:wake', 's'), 0)
  })

  it('are told by a warning what cannot be checked when INFO is taken from them, too', async () => {
    const { windrow, administrator } = await startWithUsers()
    assert.deepEqual(await checkRedis(windrow), [])
    await administrator.call('ACL', 'SETUSER', 'windrow', '-info')
    const [finding, ...more] = await checkRedis(windrow)
    assert.deepEqual([finding!.severity, finding!.code, more], ['warning', 'REDIS_UNCHECKED', []])
    assert.match(finding!.message, /whether it may evict keys.*NOPERM/)
  })
})
