import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { runToEnd } from '../fixtures/run-to-end.ts'
import type { Field } from './field.ts'
import { placeOptimizer, writeChaosSpecification } from './sweep.ts'

/** The same sweep on this machine alone, where nothing happens to it; returns the path of its merged file. */
export async function runQuietly({ folder, sweep, optimizer }: Field): Promise<string> {
  const own = join(folder, 'quiet')
  mkdirSync(own, { recursive: true })
  const optimizers = placeOptimizer(join(own, 'optimizer'), optimizer.pool, { sweep, python: optimizer.python })
  const specification = writeChaosSpecification(own, sweep, { attempts: 1, lock: '1m', timeout: '1m' })
  const { WINDROW_REDIS_URL: _redis, WINDROW_STORE: _store, ...environment } = process.env
  const args = ['run', specification, '--only', sweep.wanted, '--optimizers', optimizers, '--concurrency', '6']
  const windrow = fileURLToPath(new URL('../../bin/windrow', import.meta.url))
  const { status, stdout, stderr } = await runToEnd(windrow, args, { environment, folder: own })
  const partial = join(own, 'layouts.partial.h5')
  // What is to come to nothing is short.
  if (status === 2 && existsSync(partial)) return partial
  throw new Error(`the quiet run ended with status ${status}:\n${stdout}\n${stderr}`)
}
