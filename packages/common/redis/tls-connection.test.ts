import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import {
  type Authority,
  type Certificate,
  certificatesSkipReason,
  makeAuthority,
} from '../../../test/fixtures/certificates.ts'
import { redisTlsSkipReason, startConfiguredRedis } from '../../../test/fixtures/configured-redis.ts'
import { failure } from '../../../test/fixtures/failure.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { awaitRedis, connectRedis } from './connection.ts'

const skip = certificatesSkipReason() ?? (await redisTlsSkipReason())
let folder = ''
let authority: Authority
let server: Certificate

before(async () => {
  if (skip) return
  folder = await temporaryFolder()
  authority = await makeAuthority(folder)
  server = await authority.issue('redis', ['DNS:localhost', 'IP:127.0.0.1'])
})

interface Demands {
  readonly certificate?: Certificate
  readonly clients?: 'yes' | 'no'
}

/** A server with TLS on a port of loopback, and a password. */
async function startTlsRedis({ certificate = server, clients = 'no' }: Demands = {}) {
  const files = [
    `tls-cert-file ${certificate.cert}`,
    `tls-key-file ${certificate.key}`,
    `tls-ca-cert-file ${authority.ca}`,
  ]
  const lines = (port: number) => [
    'bind 127.0.0.1',
    'port 0',
    `tls-port ${port}`,
    `tls-auth-clients ${clients}`,
    ...files,
  ]
  return await startConfiguredRedis({ lines, users: ['user default on >sesame ~* &* +@all'] })
}

async function reach(url: string, timeoutMs = 10_000): Promise<void> {
  const client = connectRedis(url)
  after(() => client.disconnect())
  try {
    await awaitRedis(client, timeoutMs)
  } finally {
    client.disconnect()
  }
}

async function refused(url: string, code: ErrorCode | readonly ErrorCode[], timeoutMs = 10_000) {
  const error = await failure(reach(url, timeoutMs), ...[code].flat())
  assert.doesNotMatch(`${error.message}\n${error.next}`, /sesame/)
  return error
}

describe('a Redis with TLS', { skip }, () => {
  it('is reached with the file of its authority, by every name that is in its certificate', async () => {
    const { port } = await startTlsRedis()
    await reach(`rediss://:sesame@127.0.0.1:${port}?ca=${authority.ca}`)
    await reach(`rediss://:sesame@localhost:${port}/1?ca=${authority.ca}`)
  })

  it('is refused at once when nobody vouches for it, with what to do, whatever the environment says', async () => {
    const { port } = await startTlsRedis()
    const other = await makeAuthority(folder, 'other')
    const insecure = process.env.NODE_TLS_REJECT_UNAUTHORIZED
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'
    try {
      for (const query of ['', `?ca=${other.ca}`]) {
        const error = await refused(`rediss://:sesame@127.0.0.1:${port}${query}`, 'REDIS_UNTRUSTED')
        assert.match(
          error.message,
          /Redis at 127\.0\.0\.1:\d+ shows a certificate that does not prove who it is: .*certificate/,
        )
        assert.match(error.next, /\?ca=/)
      }
    } finally {
      if (insecure === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED
      else process.env.NODE_TLS_REJECT_UNAUTHORIZED = insecure
    }
  })

  it('is refused when its certificate is for another host or has expired', async () => {
    const elsewhere = await startTlsRedis({
      certificate: await authority.issue('elsewhere', ['DNS:redis.example.org']),
    })
    const host = await refused(`rediss://:sesame@127.0.0.1:${elsewhere.port}?ca=${authority.ca}`, 'REDIS_UNTRUSTED')
    assert.match(host.message, /127\.0\.0\.1/)
    assert.match(host.next, /host name in the Redis URL that is in the certificate/)
    const old = await startTlsRedis({ certificate: await authority.issue('old', ['IP:127.0.0.1'], { expired: true }) })
    const expired = await refused(`rediss://:sesame@127.0.0.1:${old.port}?ca=${authority.ca}`, 'REDIS_UNTRUSTED')
    assert.match(expired.message, /expired/)
    assert.match(expired.next, /Renew/)
  })

  it('is shown a certificate of ours when it wants one, and says so when it gets none', async () => {
    const { port } = await startTlsRedis({ clients: 'yes' })
    const url = `rediss://:sesame@127.0.0.1:${port}?ca=${authority.ca}`
    const ours = await authority.issue('worker', ['DNS:worker'])
    await reach(`${url}&cert=${ours.cert}&key=${ours.key}`)
    // Which of the two depends on whether its word or the end of the connection comes first.
    const error = await refused(url, ['REDIS_REFUSED', 'REDIS_UNAVAILABLE'])
    assert.match(error.message, /wants a certificate of ours/)
    assert.match(error.next, /\?cert=/)
  })

  it('is not reached without TLS, nor one without TLS with it, and the message says what to try', async () => {
    const { port } = await startTlsRedis()
    const plain = await refused(`redis://:sesame@127.0.0.1:${port}`, 'REDIS_UNAVAILABLE', 300)
    assert.match(plain.message, /perhaps it speaks TLS/)
    assert.match(plain.next, /rediss:\/\//)
    const without = await startConfiguredRedis({ lines: (free) => ['bind 127.0.0.1', `port ${free}`] })
    const silent = await refused(`rediss://127.0.0.1:${without.port}?ca=${authority.ca}`, 'REDIS_UNAVAILABLE', 300)
    assert.match(silent.message, /perhaps it speaks no TLS/)
  })

  it('is refused with a wrong password, which is not shown', async () => {
    const { port } = await startTlsRedis()
    await refused(`rediss://:open-sesame@127.0.0.1:${port}?ca=${authority.ca}`, 'REDIS_REFUSED')
  })

  it('is not tried with files that cannot be what they are said to be', async () => {
    const garbage = join(folder, 'garbage.pem')
    await writeFile(garbage, 'no certificate')
    const { cert, key } = server
    const other = await authority.issue('another', ['DNS:another'])
    for (const [query, named] of [
      [`ca=${join(folder, 'nowhere.pem')}`, 'nowhere.pem'],
      [`ca=${garbage}`, 'garbage.pem'],
      [`cert=${garbage}&key=${key}`, 'garbage.pem'],
      [`cert=${cert}&key=${garbage}`, 'garbage.pem'],
      [`cert=${cert}&key=${other.key}`, 'another.key'],
    ]) {
      const error = await failure(reach(`rediss://127.0.0.1:1?${query}`), 'FILE_UNREADABLE')
      assert.match(error.message, new RegExp(`${named}, which the Redis URL names`))
    }
  })
})
