import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import test from 'node:test'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../fixtures/run-to-end.ts'
import { temporaryFolder } from '../fixtures/temporary-folder.ts'
import { chaosSkipReason } from './requirements.ts'

const skip = await chaosSkipReason()
const entry = fileURLToPath(new URL('./main.ts', import.meta.url))

/** Every kind of fault once. Other tests run meanwhile: the simulation judges how soon all settles, by its own clock. */
const size = ['--configurations', '300', '--doses', '0.01', '--minutes', '8', '--seed', '1', '--untimed']

test('a sweep of 300 under every kind of fault loses, doubles and corrupts nothing, and keeps every record', {
  skip,
  timeout: 540_000,
}, async () => {
  const output = join(await temporaryFolder(), 'chaos')
  const { status, stdout, stderr } = await runToEnd(process.execPath, [entry, ...size, '--quiet', '--output', output], {
    environment: process.env,
  })
  const evidence = () => `${stdout}\n${stderr}\nThe journal:\n${readFileSync(join(output, 'journal.jsonl'), 'utf8')}`
  assert.equal(status, 0, status === 0 ? undefined : evidence())
  const { lost, doubled, rows } = JSON.parse(readFileSync(join(output, 'report.json'), 'utf8'))
  assert.deepEqual([lost, doubled], [[], []])
  assert.ok(rows.length > 25, `${rows.length} kinds of faults`)
})
