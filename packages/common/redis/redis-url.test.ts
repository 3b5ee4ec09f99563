import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRedisUrl, parseRedisUrl, redactUrl } from './redis-url.ts'

test('reads host, port, password and database', () => {
  assert.deepEqual(parseRedisUrl('redis://:s%40cret@node7.cluster:6400/3'), {
    target: { host: 'node7.cluster', port: 6400, tls: false },
    password: 's@cret',
    database: 3,
  })
  assert.deepEqual(parseRedisUrl('rediss://user:pw@[::1]').target, { host: '::1', port: 6379, tls: true })
})

test('reads Unix sockets, with blanks in the path, a password and a database', () => {
  assert.deepEqual(parseRedisUrl('unix:///tmp/my%20sweeps/redis.sock'), {
    target: { socket: '/tmp/my sweeps/redis.sock' },
    database: 0,
  })
  assert.deepEqual(parseRedisUrl('unix://:pw@/run/redis.sock?db=2'), {
    target: { socket: '/run/redis.sock' },
    password: 'pw',
    database: 2,
  })
})

test('what is formatted reads back the same', () => {
  const addresses = [
    { target: { socket: '/tmp/a %?#b/ü.sock' }, database: 0 },
    { target: { socket: '/tmp/s' }, password: 'a:b@c/d', database: 4 },
    { target: { host: '::1', port: 7000, tls: false }, password: 'p%@:/?#', database: 1 },
    { target: { host: 'redis.example', port: 6379, tls: true }, username: 'u', password: 'p', database: 0 },
    {
      target: { host: 'redis.example', port: 6380, tls: true, files: { ca: '/a b/&ca?.pem', cert: '/c', key: '/k' } },
      password: 'p',
      database: 2,
    },
  ]
  for (const address of addresses) assert.deepEqual(parseRedisUrl(formatRedisUrl(address)), address)
})

test('reads the files of a TLS connection', () => {
  const { target } = parseRedisUrl('rediss://host:6380/1?ca=/etc/my%20ca.pem&cert=/c.pem&key=/k.pem')
  const files = { ca: '/etc/my ca.pem', cert: '/c.pem', key: '/k.pem' }
  assert.deepEqual(target, { host: 'host', port: 6380, tls: true, files })
})

test('refuses what is no Redis URL and never shows its password', () => {
  for (const url of [
    'http://:pw@host',
    'redis://:pw@host:port',
    'redis://:pw@host/db',
    'redis://user:12/3pw@host',
    'redis://:pw%zz@host',
    'redis://:pw@host?ca=/ca.pem',
    'rediss://:pw@host?insecure=pw',
    'rediss://:pw@host?ca=ca.pem',
    'rediss://:pw@host?cert=/cert.pem',
    'unix://:pw@',
    'unix://:pw@/redis.sock?ca=/ca.pem',
    'redis://',
    ':pw@host',
    '',
  ]) {
    assert.throws(
      () => parseRedisUrl(url),
      (error: Error & { code?: string }) => error.code === 'USAGE' && !error.message.includes('pw'),
      url,
    )
  }
})

test('redacts user and password, even of text that is no valid URL', () => {
  assert.equal(redactUrl('redis://user:pw@host:1/0'), 'redis://***@host:1/0')
  assert.equal(redactUrl('redis://:p@ss@host'), 'redis://***@host')
  assert.equal(redactUrl('unix:///tmp/redis.sock'), 'unix:///tmp/redis.sock')
  assert.equal(redactUrl('user:pw@host'), '***@host')
  assert.equal(redactUrl('rediss://:pw@host/1?password=pw'), 'rediss://***@host/1')
})
