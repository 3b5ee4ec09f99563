import { existsSync } from 'node:fs'
import { hasApt, installPackages, updateSystemLists } from './apt.mjs'
import { lastLines } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** What the test of docker-compose.yml runs, and the package that brings it; where Debian puts it. */
const programs = {
  '/usr/sbin/dockerd': 'docker.io',
  '/usr/bin/docker-compose': 'docker-compose',
  '/usr/bin/mmdebstrap': 'mmdebstrap',
}

/** Puts in place what `npm run test:compose` starts, or says why it cannot run here. */
export async function ensureComposeTools(machine) {
  const { isSuperuser, say } = machine
  if (!isSuperuser) {
    throw new SetupError('this test starts a Docker engine of its own, for which it must be root', [
      'sudo npm run test:compose',
    ])
  }
  const missing = missingPackages()
  if (missing.length === 0) return
  const command = `apt-get install --no-install-recommends ${missing.join(' ')}`
  if (!hasApt()) throw new SetupError(`this test needs Debian's ${missing.join(', ')}`)
  await updateSystemLists(machine)
  say(command)
  const { output } = await installPackages(machine, missing)
  if (missingPackages().length > 0) throw new SetupError(`${command} did not succeed`, lastLines(output, 5))
}

function missingPackages() {
  return Object.entries(programs)
    .filter(([path]) => !existsSync(path))
    .map(([, name]) => name)
}
