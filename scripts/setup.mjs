import { fileURLToPath } from 'node:url'
import { ensureComposeTools } from './setup/compose-tools.mjs'
import { ensureNode24 } from './setup/node-24.mjs'
import { ensureNodeModules } from './setup/node-modules.mjs'
import { probe } from './setup/probe.mjs'
import { ensureRedis } from './setup/redis.mjs'
import { SetupError } from './setup/setup-error.mjs'
import { ensureTestTools } from './setup/test-tools.mjs'

/**
 * Puts in place what Windrow needs and is not there yet: node_modules, a Node 24, a Redis server and, with --tests, what
 * only tests need, with --compose what the test of docker-compose.yml needs besides. Plain JavaScript on Node's built-ins,
 * because it runs before anything is installed, on Node 20.
 */
async function setUp({ tests, compose }) {
  const machine = {
    root: fileURLToPath(new URL('..', import.meta.url)),
    environment: process.env,
    isSuperuser: process.getuid?.() === 0,
    say: (line) => console.log(`set-up: ${line}`),
  }
  requireNode20()
  await ensureNodeModules(machine)
  const node = await ensureNode24(machine)
  const found = await probe(machine, { node, tests })
  await ensureRedis(machine, { node, found, tests })
  if (tests) await ensureTestTools(machine, { node, found })
  if (compose) await ensureComposeTools(machine)
}

function requireNode20() {
  if (Number.parseInt(process.versions.node, 10) >= 20) return
  throw new SetupError(`Node ${process.versions.node} is too old: Windrow's set-up needs Node 20 or newer`, [
    'Install a newer Node (https://nodejs.org, or `conda install -c conda-forge nodejs`), then try again.',
  ])
}

try {
  const compose = process.argv.includes('--compose')
  await setUp({ compose, tests: compose || process.argv.includes('--tests') })
} catch (error) {
  if (!(error instanceof SetupError)) throw error
  console.error(`set-up: ${error.message}`)
  for (const line of error.advice) console.error(`set-up:   ${line}`)
  process.exitCode = 1
}
