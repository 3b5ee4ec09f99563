import assert from 'node:assert/strict'
import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type ClusterLeader, readLeader, writeLeader } from '@windrow/common/cluster/cluster-file.ts'
import { freePort } from '@windrow/common/processes/free-port.ts'
import { startRedisServer } from '@windrow/common/redis/embedded-server.ts'
import { createFileStore } from '@windrow/common/store/file-store.ts'
import { type Clock, systemClock } from '@windrow/common/time/clock.ts'
import { testRedisProgram } from '../../../test/fixtures/redis.ts'
import { temporaryFolder } from '../../../test/fixtures/temporary-folder.ts'
import { until } from '../../../test/fixtures/until.ts'
import { awaitNoLeader, leadCluster } from './lead-cluster.ts'

/** A clock on which every sleep is over at once, and that counts them. */
function fastClock(): Clock {
  let now = 0
  return {
    now: () => now,
    async sleep(ms, signal) {
      now += ms
      await systemClock.sleep(5, signal)
    },
  }
}

async function emptyCluster() {
  const { url } = await createFileStore(pathToFileURL(join(await temporaryFolder(), 'store')).href)
  const said: string[] = []
  const ports = { clock: fastClock(), say: (line: string) => void said.push(line) }
  return { url, file: join(fileURLToPath(url), 'cluster.json'), said, ports }
}

const leader: ClusterLeader = {
  schema: 1,
  id: '0123456789abcdef',
  redis: 'redis://:correct-horse-battery@127.0.0.1:1',
  host: 'node7',
  pid: process.pid,
  sweep: 'small',
  startedAt: '2026-11-22T09:00:00.000Z',
}
const another: ClusterLeader = { ...leader, id: 'fedcba9876543210', host: 'node8' }

describe('leading a cluster', { timeout: 60_000 }, () => {
  it('says so again when the word is gone, and gives way to who took over without taking his word away', async () => {
    const { url, file, said, ports } = await emptyCluster()
    const lead = await leadCluster(url, leader, ports)
    assert.deepEqual(await readLeader(url), leader)
    rmSync(file)
    await until(() => existsSync(file))
    assert.equal(lead.lost.aborted, false)
    await writeLeader(url, another)
    await until(() => lead.lost.aborted)
    assert.deepEqual(said, [
      'the leader of small on node8 (process ' +
        `${process.pid}, Redis at 127.0.0.1:1) has taken over; this run gives way.`,
    ])
    await lead.release()
    assert.deepEqual(await readLeader(url), another)
  })

  it('ends with no word left', async () => {
    const { url, file, ports } = await emptyCluster()
    const lead = await leadCluster(url, leader, ports)
    await lead.release()
    assert.equal(existsSync(file), false)
  })

  it('does not begin while another leader is there, and says which', async () => {
    const { url, said, ports } = await emptyCluster()
    await awaitNoLeader(url, 'node8', ports)
    const listen = { host: '127.0.0.1', port: await freePort('127.0.0.1'), password: 'correct-horse-battery' }
    const server = await startRedisServer({ ...(await testRedisProgram()), directory: await temporaryFolder(), listen })
    await writeLeader(url, { ...leader, redis: server.url })
    await assert.rejects(awaitNoLeader(url, 'node8', ports), {
      code: 'DIRECTORY_LOCKED',
      message: /^the leader of small on node7 \(process \d+, Redis at 127\.0\.0\.1:\d+\) leads the cluster of file:/,
    })
    assert.deepEqual(said.length, 1)
    const ended = awaitNoLeader(url, 'node8', { ...ports, clock: systemClock })
    await server.stop()
    await ended
  })

  it('takes one for gone whose Redis does not answer, or whose process on this host has ended', async () => {
    const { url, said, ports } = await emptyCluster()
    await writeLeader(url, leader)
    await awaitNoLeader(url, 'node8', ports)
    await writeLeader(url, { ...leader, pid: 2 ** 22 + 1 })
    await awaitNoLeader(url, 'node7', ports)
    assert.deepEqual(said, [])
  })
})
