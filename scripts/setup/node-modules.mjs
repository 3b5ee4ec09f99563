import { existsSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { lastLines, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** Runs `npm ci` when node_modules is absent or is not what package-lock.json says. */
export async function ensureNodeModules({ root, environment, say }) {
  const stale = whyStale(root)
  if (stale === undefined) return
  say(`${stale}: npm ci (this takes a minute or less)`)
  const started = Date.now()
  const { status, output } = await runNpm(['ci', '--loglevel=error', '--no-fund', '--no-audit'], { root, environment })
  if (status !== 0) throw new SetupError('npm ci did not succeed', lastLines(output))
  say(`node_modules is complete (${Math.round((Date.now() - started) / 1000)} s)`)
}

/**
 * What is wrong with node_modules, or undefined. npm leaves a copy of the lock file in node_modules when an installation
 * is complete: it is the stamp, and it is there whoever ran npm.
 */
function whyStale(root) {
  const stamp = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(stamp)) return 'node_modules is absent or incomplete'
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const installed = JSON.parse(readFileSync(stamp, 'utf8')).packages
  const differs = Object.keys(wanted).some((path) => path !== '' && !isInPlace(path, { wanted, installed, root }))
  const superfluous = Object.keys(installed).some((path) => wanted[path] === undefined)
  return differs || superfluous ? 'node_modules is not what package-lock.json says' : undefined
}

function isInPlace(path, { wanted, installed, root }) {
  if (!path.startsWith('node_modules/')) return true
  if (installed[path] === undefined) return wanted[path].optional === true || wanted[path].devOptional === true
  const same = ['version', 'integrity'].every((field) => wanted[path][field] === installed[path][field])
  return same && existsSync(join(root, path))
}

/**
 * npm under the Node it is running with, and without node_modules/.bin on the PATH: `npm ci` takes the Node that lies
 * there away while it works.
 */
function runNpm(args, { root, environment }) {
  const path = (environment.PATH ?? '')
    .split(delimiter)
    .filter((folder) => !folder.endsWith(join('node_modules', '.bin')))
    .join(delimiter)
  const options = { cwd: root, environment: { ...environment, PATH: path } }
  const script = environment.npm_execpath
  if (script?.endsWith('.js')) return runCommand(process.execPath, [script, ...args], options)
  return runCommand('npm', args, options)
}
