import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Ended, runToEnd } from '../fixtures/run-to-end.ts'

/** A Docker engine of this run's own. */
export interface DockerEngine {
  /** What docker and docker-compose are started with: nothing of the user's but the way to the programs. */
  readonly environment: NodeJS.ProcessEnv
  /** Runs `docker ARGS` and returns what it printed; throws with all of it when it fails. */
  docker(args: readonly string[]): Promise<string>
  log(): string
  /** Ends the engine with all that it runs, and removes what it made. */
  stop(): Promise<void>
}

const script = fileURLToPath(new URL('./docker-engine.sh', import.meta.url))
const startTriesPerSecond = 10
const startSeconds = 60

/**
 * Starts an engine whose data, socket and logs are in `folder`, which goes with it, whatever else is in there. It ends with
 * this process, in whatever way that ends. Needs root. The programs are Debian's: one of the same name elsewhere on the PATH may be another.
 */
export async function startDockerEngine(folder: string): Promise<DockerEngine> {
  const environment = {
    PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: folder,
    LC_ALL: 'C.UTF-8',
    DOCKER_HOST: `unix://${join(folder, 'engine/docker.sock')}`,
    // Both would look for a builder that Debian does not have.
    DOCKER_BUILDKIT: '0',
    COMPOSE_DOCKER_CLI_BUILD: '0',
  }
  // In a process group of its own: a Ctrl-C in the terminal must not reach the engine before we are done with it.
  const keeper = spawn('/bin/sh', [script, folder], {
    stdio: ['pipe', 'inherit', 'inherit'],
    env: environment,
    detached: true,
  })
  const ended = new Promise<void>((resolve) => keeper.once('close', () => resolve()))
  keeper.stdin.on('error', () => undefined)
  const engine: DockerEngine = {
    environment,
    docker: async (args) => succeeded(await runToEnd('docker', args, { environment })).stdout,
    log: () => readFileSync(join(folder, 'engine/engine.log'), 'utf8'),
    async stop() {
      keeper.stdin.end()
      await ended
    },
  }
  if (await answers(engine)) return engine
  const log = engine.log()
  await engine.stop()
  throw new Error(`dockerd did not start:\n${log.slice(-4000)}`)
}

async function answers({ environment }: DockerEngine): Promise<boolean> {
  for (let tries = 0; tries < startSeconds * startTriesPerSecond; tries++) {
    if ((await runToEnd('docker', ['version'], { environment })).status === 0) return true
    await new Promise((resolve) => setTimeout(resolve, 1000 / startTriesPerSecond))
  }
  return false
}

/** The command as it ended, which was well; throws with everything that it printed when it was not. */
export function succeeded(ended: Ended): Ended {
  if (ended.status === 0) return ended
  throw new Error(`${ended.command} ended with status ${ended.status}:\n${ended.stdout}\n${ended.stderr}`)
}
