import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { test } from 'node:test'
import { promisify } from 'node:util'

const execute = promisify(execFile)

test('an error is described in the log, with its causes, but not what its client was about', async () => {
  const program = `
    import { WindrowError } from '${new URL('../errors/windrow-error.ts', import.meta.url).href}'
    import { createLogger } from '${new URL('./logger.ts', import.meta.url).href}'
    const reply = Object.assign(new Error('WRONGPASS invalid username-password pair'), {
      command: { name: 'auth', args: ['windrow', 'sesame'] }, code: 'E1' })
    const logger = createLogger('test', { level: 'trace', readable: false })
    logger.error({ err: reply }, 'one')
    logger.error({ err: new WindrowError('REDIS_REFUSED', { message: 'refused', cause: reply, context: { sweep: 's' } }) }, 'two')
    logger.error({ err: 'just text' }, 'three')`
  const { stderr } = await execute(process.execPath, ['--input-type=module-typescript', '-e', program])
  assert.doesNotMatch(stderr, /sesame/)
  const [one, two, three] = stderr
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).err)
  assert.deepEqual([one.message, one.code], ['WRONGPASS invalid username-password pair', 'E1'])
  assert.match(one.stack, /WRONGPASS/)
  assert.deepEqual([two.code, two.context], ['REDIS_REFUSED', { sweep: 's' }])
  assert.match(two.stack, /caused by: Error: WRONGPASS/)
  assert.equal(three, 'just text')
})
