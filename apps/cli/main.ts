import { hostname, userInfo } from 'node:os'
import { delimiter, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import { hostNameOf } from '@windrow/common/processes/host-name.ts'
import { findRedisServer } from '@windrow/common/redis/find-server.ts'
import { redactUrl } from '@windrow/common/redis/redis-url.ts'
import { numericsIdOf } from '@windrow/common/sweep/numerics-id.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'
import { windVersion } from '@windrow/wind/numerics/version.ts'
import { CommanderError } from 'commander'
import manifest from '../../package.json' with { type: 'json' }
import { commandLine } from './command-line.ts'
import type { CommandHost } from './commands/run.ts'
import { exitStatus } from './exit-status.ts'
import { describeError } from './output/describe-error.ts'
import { createTerminal } from './output/terminal.ts'

const { env: environment, stdout, stderr } = process
const terminal = createTerminal({ stdout, stderr, environment })
const hostName = hostNameOf(environment, hostname())
const user = `${userName()}@${hostName}`

const host: CommandHost = {
  environment,
  findRedis: () =>
    findRedisServer({
      path: environment.PATH ?? '',
      condaPrefix: environment.CONDA_PREFIX,
      root: fileURLToPath(new URL('../../', import.meta.url)),
    }),
  stdout,
  stderr,
  numericsId: numericsIdOf({ windVersion, v8Version: process.versions.v8, architecture: process.arch }),
  windrowVersion: manifest.version,
  user,
  hostName,
  command: commandFrom(process.cwd()),
}

const program = commandLine({
  surroundings: {
    terminal,
    environment,
    workingDirectory: process.cwd(),
    clock: systemClock,
    randomness: systemRandomness,
    user,
    host: hostName,
    command: commandFrom(process.cwd()),
  },
  host,
  version: manifest.version,
  end: (status) => {
    process.exitCode = status
  },
})

hideCredentials()
try {
  await program.parseAsync(process.argv)
} catch (error) {
  // Commander has said already what it did not understand; its help and version are no failures.
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? exitStatus.complete : exitStatus.failed
  else {
    terminal.say(describeError(error))
    process.exitCode = exitStatus.failed
  }
}

/** A command line is shown to every user of the machine (ps); once the address of Redis is read from it, it is shown no more. */
function hideCredentials(): void {
  const shown = process.argv.slice(2).map((argument) => (argument.includes('://') ? redactUrl(argument) : argument))
  if (shown.some((argument, i) => argument !== process.argv[2 + i])) process.title = ['windrow', ...shown].join(' ')
}

/** Containers run under user ids without a name. */
function userName(): string {
  try {
    return userInfo().username
  } catch (error) {
    return process.getuid ? `uid-${process.getuid()}` : messageOf(error)
  }
}

/** `windrow` where it is on the PATH, else the way to bin/windrow from here. */
function commandFrom(folder: string): string {
  const bin = fileURLToPath(new URL('../../bin/', import.meta.url))
  if ((environment.PATH ?? '').split(delimiter).some((entry) => join(entry, '/') === bin)) return 'windrow'
  const path = join(bin, 'windrow')
  const fromHere = relative(folder, path)
  return fromHere.startsWith('..') ? path : fromHere
}
