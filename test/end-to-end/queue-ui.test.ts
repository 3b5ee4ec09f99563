import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Page } from 'playwright-core'
import { openPage } from '../fixtures/browser.ts'
import { type Bench, smallBench } from '../fixtures/end-to-end.ts'
import { startTestRedis } from '../fixtures/redis.ts'
import { addressOf, servicesOf } from '../fixtures/service-processes.ts'
import { until } from '../fixtures/until.ts'

const two = {
  axes: {
    farm: [{ farm_idx: 0, name: 'square', x: [0, 4000, 4000, 0], y: [0, 0, 4000, 4000] }],
    type: [{ rated_MW: 10, D: 195, hub: 121, n_turbines: 6 }],
    seed: '0..1',
  },
}

/** The job as bull-board draws it. */
const cardOf = (page: Page, key: string) => page.locator('[class*="card"]', { hasText: `c-${key}` }).last()

async function showFailed(page: Page, dashboard: string): Promise<void> {
  await page.goto(`${dashboard}/queues/queue/windrow.small?status=failed`)
  await cardOf(page, 'farm0_s1').waitFor()
}

/** The buttons of a job have pictures and no words; retrying is the first. */
const retryButton = (page: Page) => cardOf(page, 'farm0_s1').locator('ul button').first()

const attemptsOf = (bench: Bench, key: string, epoch: number) =>
  bench
    .stored('attempts')
    .filter((name) => name.startsWith(`${key}/${epoch}-`))
    .map((name) => bench.record('attempts', name))
    .sort((a, b) => Number(a.number) - Number(b.number))
    .map(({ number, outcome }) => `${number} ${outcome}`)

const newestGeneration = (bench: Bench) => bench.record('generations', bench.stored('generations').at(-1)!)

describe('the queue UI in a browser', { timeout: 180_000 }, () => {
  it('gives a dead letter all its attempts again at each press of a retry button, and a new generation follows', async (context) => {
    const opened = await openPage()
    if ('skipped' in opened) return context.skip(opened.skipped)
    const { page, complaints } = opened
    const redis = await startTestRedis()
    const bench = await smallBench({ farm0_s1: 'crash' }, two)
    const run = await bench.run(['--redis', redis.url])
    assert.equal(run.status, 2, run.stderr)
    assert.deepEqual(attemptsOf(bench, 'farm0_s1', 0), ['1 failed', '2 failed'])
    const before = bench.stored('generations').length

    const services = servicesOf(bench, redis)
    try {
      for (const service of ['producer', 'worker', 'merger'] as const) services.start(service)
      const readOnly = await addressOf(services.start('dashboard', ['--port', '0']))
      const writable = await addressOf(services.start('dashboard', ['--port', '0', '--writable']))

      await showFailed(page, readOnly)
      await cardOf(page, 'farm0_s1').getByText('OPTIMIZER_FAILED').waitFor()
      assert.equal(await page.getByText('Retry all').count(), 0, 'it does not offer what it refuses')
      const refused = await page.evaluate(async () => {
        const path = '/queues/api/queues/windrow.small/c-farm0_s1/retry'
        const answer = await fetch(path, { method: 'PUT' })
        return `${answer.status} ${await answer.text()}`
      })
      assert.match(refused, /^403 .*--writable/)
      assert.equal(complaints.filter((text) => !/googleapis|403/.test(text)).join(), '')
      assert.deepEqual(bench.stored('reopened'), [], 'nothing has changed')

      await showFailed(page, writable)
      await page.getByText('Retry all').click()
      await page.getByRole('button', { name: 'Confirm' }).click()
      await until(() => bench.stored('dead').includes('farm0_s1.1.json'))
      assert.deepEqual(attemptsOf(bench, 'farm0_s1', 1), ['1 failed', '2 failed'], 'both attempts again')

      bench.optimizer.behave({})
      await showFailed(page, writable)
      await retryButton(page).click()
      await page.getByRole('button', { name: 'Confirm' }).click()
      await until(() => bench.stored('generations').length > before && newestGeneration(bench).complete === true)
      assert.deepEqual(bench.stored('results'), ['farm0_s0.0.h5', 'farm0_s1.2.h5'])
      assert.deepEqual(attemptsOf(bench, 'farm0_s1', 2), ['1 valid'])
      assert.equal(newestGeneration(bench).merged, 2)

      await page.goto(writable)
      assert.match(await page.locator('#small').innerText(), /2 of 2 committed[\s\S]*complete: 2 of 2 merged/)
      await page.goto(`${writable}/sweeps/small/farm0_s1`)
      const history = await page.locator('main').innerText()
      assert.match(history, /Epoch 1 is over.*its job was retried in the queue/)
      assert.match(history, /windrow optimize small farm0_s1/)
      assert.match(await page.getByLabel('Log', { exact: true }).innerText(), /farm0_s1: good/)
      assert.equal(complaints.filter((text) => !/googleapis|403/.test(text)).join(), '')
    } finally {
      await services.stop()
    }
  })
})
