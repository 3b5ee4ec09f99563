import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { createFileStore } from '@windrow/common/store/file-store.ts'
import { startWindrow } from '../../test/fixtures/command.ts'
import { startTestRedis } from '../../test/fixtures/redis.ts'
import { temporaryFolder } from '../../test/fixtures/temporary-folder.ts'

const redis = await startTestRedis()
const folder = await temporaryFolder()
const store = pathToFileURL(folder).href
await createFileStore(store)
const start = (...args: string[]) =>
  startWindrow(['dashboard', '--redis', redis.url, '--store', store, ...args], folder)

describe('windrow dashboard', () => {
  it('refuses to listen where others can reach it without a password', async () => {
    const ended = await start('--host', '0.0.0.0', '--port', '0').ended
    assert.equal(ended.status, 1)
    assert.match(ended.stderr, /other machines could reach the dashboard there, and it has no password/)
    assert.match(ended.stderr, /WINDROW_DASHBOARD_PASSWORD/)
    assert.doesNotMatch(ended.stderr, /the dashboard is at/)
  })

  it('says where it is, answers there, and ends at SIGTERM', async () => {
    const dashboard = start('--port', '0')
    let address = ''
    dashboard.process.stderr?.on('data', (chunk: Buffer) => {
      address ||= /the dashboard is at (http:[^"]+)/.exec(String(chunk))?.[1] ?? ''
    })
    await dashboard.printed(/the dashboard is at http:\/\/127\.0\.0\.1:\d+"/)
    assert.match(await (await fetch(address)).text(), /No sweep is in this store yet/)
    dashboard.process.kill('SIGTERM')
    assert.equal((await dashboard.ended).status, 0)
  })
})
