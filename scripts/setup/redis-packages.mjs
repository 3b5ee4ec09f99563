import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { downloadPackages, packagesToInstall, privateLists, updateSystemLists } from './apt.mjs'
import { lastLines, runCommand } from './run-command.mjs'

/**
 * Downloads Debian's (or Ubuntu's) Redis server with the libraries that are not installed, and unpacks them into
 * .windrow/tools/redis. Nothing of the system changes and no root is needed; as root the package lists are updated first.
 */
export async function unpackRedis(machine) {
  const { root, isSuperuser, say } = machine
  const tools = join(root, '.windrow', 'tools')
  mkdirSync(tools, { recursive: true })
  if (isSuperuser) await updateSystemLists(machine)
  const work = mkdtempSync(join(tools, 'unpacking-'))
  try {
    say('downloading the Redis server of this release into .windrow/tools/redis (nothing is installed)')
    const first = await fetchAndUnpack(machine, work, [])
    if (first.unpacked === undefined) {
      say('the package lists of this machine do not serve; fetching lists for this once')
      const options = await privateLists(machine, join(work, 'apt'))
      if (options === undefined)
        return { trouble: [...first.trouble, 'apt-get update does not get package lists either'] }
      const second = await fetchAndUnpack(machine, work, options)
      if (second.unpacked === undefined) return second
    }
    rmSync(join(tools, 'redis'), { recursive: true, force: true })
    renameSync(join(work, 'redis'), join(tools, 'redis'))
    return { trouble: [] }
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

async function fetchAndUnpack(machine, work, options) {
  for (const server of ['redis-server', 'valkey-server']) {
    const wanted = await packagesToInstall(machine, server, options)
    if (wanted === undefined || !wanted.includes(server)) continue
    const folder = mkdtempSync(join(work, 'packages-'))
    const { status, output } = await downloadPackages(machine, wanted.filter(isNeeded), { folder, options })
    if (status !== 0) return { trouble: lastLines(output, 3) }
    return unpack(folder, join(work, 'redis'))
  }
  return { trouble: ['apt has neither a redis-server nor a valkey-server to offer'] }
}

async function unpack(folder, target) {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.deb'))) {
    const { status, output } = await runCommand('/usr/bin/dpkg', ['-x', join(folder, file), target])
    if (status !== 0) return { trouble: lastLines(output, 3) }
  }
  return { unpacked: target, trouble: [] }
}

/** The servers and their libraries, but not what a system installation adds (users, services), and never the C library. */
const isNeeded = (name) => /^(redis|valkey|lib|lua)/.test(name) && !/^libc(6|-bin)$/.test(name)
