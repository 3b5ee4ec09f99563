import { hasApt } from './apt.mjs'
import { probe } from './probe.mjs'
import { unpackRedis } from './redis-packages.mjs'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/**
 * Makes sure that a Redis (or Valkey) server is there: as found, else from Debian's packages, else through brew. With
 * WINDROW_REDIS_URL only tests need one.
 */
export async function ensureRedis(machine, { node, found, tests }) {
  if (found.redis !== undefined) return
  if (machine.environment.WINDROW_REDIS_URL && !tests) return
  machine.say(found.redisMissing)
  const tried = (await fromPackages(machine)) ?? (await fromBrew(machine))
  const after = await probe(machine, { node, tests: false })
  if (after.redis === undefined) {
    throw new SetupError('Windrow needs a redis-server (6.2 or newer) or a valkey-server', [
      ...(tried?.trouble ?? []),
      ...waysToGetRedis,
    ])
  }
  machine.say(`Redis ${after.redis.version}: ${after.redis.binary}`)
}

const waysToGetRedis = [
  'Debian, Ubuntu:  sudo apt-get install redis-server',
  'Fedora, RHEL:    sudo dnf install valkey    (or redis)',
  'Arch:            sudo pacman -S valkey',
  'conda, no root:  conda install -c conda-forge redis-server',
  'macOS:           brew install redis',
  'Or point WINDROW_REDIS_URL at a Redis server that is running.',
]

async function fromPackages(machine) {
  return hasApt() ? unpackRedis(machine) : undefined
}

async function fromBrew({ say, environment }) {
  const brew = await runCommand('brew', ['--version'], { environment })
  if (brew.status !== 0) return undefined
  say('brew install redis')
  const { status, output } = await runCommand('brew', ['install', '--quiet', 'redis'], { environment })
  return { trouble: status === 0 ? [] : output.split('\n').slice(-8) }
}
