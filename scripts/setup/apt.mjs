import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'

const updated = new WeakSet()

/** True on Debian, Ubuntu and what descends from them. */
export const hasApt = () => existsSync('/usr/bin/apt-get') && existsSync('/usr/bin/dpkg')

/** Brings the system's package lists up to date, once; needs root. What is wrong, if anything, is said and lived with. */
export async function updateSystemLists(machine) {
  if (updated.has(machine)) return
  updated.add(machine)
  const { status } = await apt(machine, ['update'])
  if (status !== 0) machine.say('apt-get update did not succeed; going on with the package lists there are')
}

/** Options that make apt use package lists of our own under `folder`, which needs no root; undefined when that fails. */
export async function privateLists(machine, folder) {
  const lists = join(folder, 'lists')
  const cache = join(folder, 'cache')
  mkdirSync(join(lists, 'partial'), { recursive: true })
  mkdirSync(join(cache, 'archives', 'partial'), { recursive: true })
  const options = ['-o', `Dir::State::Lists=${lists}`, '-o', `Dir::Cache=${cache}`]
  const { status } = await apt(machine, [...options, 'update'])
  return status === 0 ? options : undefined
}

/**
 * The packages apt would install for `name`, itself included and without what is recommended; undefined when it knows
 * no way. apt resolves names, versions and alternatives itself, and asking needs no root.
 */
export async function packagesToInstall(machine, name, options) {
  const { status, output } = await apt(machine, [...options, '--simulate', '--no-install-recommends', 'install', name])
  if (status !== 0) return undefined
  return [...output.matchAll(/^Inst (\S+)/gm)].map(([, found]) => found)
}

/** Downloads packages into `folder` without installing them. */
export function downloadPackages(machine, names, { folder, options }) {
  return apt(machine, [...options, 'download', ...names], folder)
}

/** Those of `names` that this release has. */
export async function availablePackages(names) {
  const { output } = await runCommand('apt-cache', ['policy', ...names], { environment: aptEnvironment })
  return names.filter((name) => new RegExp(`^${name}:\\n.*\\n +Candidate: (?!\\(none\\))`, 'm').test(output))
}

/** Installs packages; needs root. */
export function installPackages(machine, names) {
  return apt(machine, ['-o', 'DPkg::Lock::Timeout=120', 'install', '--yes', '--no-install-recommends', ...names])
}

const aptEnvironment = { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' }

/**
 * Of the user's environment apt gets the proxies only: a conda environment's libraries would break it. As root it would
 * fetch as the user _apt, who may not write to our folders.
 */
function apt({ environment }, args, cwd) {
  const proxies = Object.entries(environment).filter(([name]) => /^(https?|no)_proxy$/i.test(name))
  const options = { cwd, environment: { ...aptEnvironment, ...Object.fromEntries(proxies) } }
  return runCommand('/usr/bin/apt-get', ['-q', '-o', 'APT::Sandbox::User=root', ...args], options)
}
