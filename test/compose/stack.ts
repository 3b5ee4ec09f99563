import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '@windrow/common/processes/free-port.ts'
import { type Ended, runToEnd } from '../fixtures/run-to-end.ts'
import { projectRoot, readComposeFile } from './compose-file.ts'
import { type DockerEngine, succeeded } from './docker-engine.ts'

/** What docker-compose.yml describes, on an engine of the test's own. */
export interface Stack {
  /** The passwords in its .env, none of which may be seen anywhere. */
  readonly secrets: readonly string[]
  readonly dashboard: { readonly url: string; readonly password: string }
  readonly ports: readonly number[]
  /** The store, as this machine reaches it. */
  readonly storeUrl: string
  /** Runs `docker-compose ARGS`; throws with what it printed when it fails. */
  compose(...args: string[]): Promise<string>
  docker(...args: string[]): Promise<string>
  /** The running containers of a service. */
  running(service: string): Promise<string[]>
  /** Everything that the containers of a service have logged. */
  logOf(service: string): Promise<string>
  /** Runs `bin/windrow` on this machine, outside of the containers, as somebody with the keys in .env. */
  windrow(...args: string[]): Promise<Ended>
}

export interface StackOptions {
  readonly engine: DockerEngine
  readonly folder: string
  /** Makes a password. */
  readonly secret: () => string
  /** What a command on this machine needs to run. */
  readonly environment: NodeJS.ProcessEnv
}

/** Writes .env, and what only this machine needs: a build that reaches npm's registry over the host's own network. */
export async function prepareStack({ engine, folder, secret, environment }: StackOptions): Promise<Stack> {
  const variables = {
    WINDROW_REDIS_PASSWORD: secret(),
    WINDROW_S3_ACCESS_KEY: secret(),
    WINDROW_S3_SECRET_KEY: secret(),
    WINDROW_DASHBOARD_PASSWORD: secret(),
    WINDROW_CONCURRENCY: 1,
    WINDROW_REDIS_PORT: await freePort('127.0.0.1'),
    WINDROW_S3_PORT: await freePort('127.0.0.1'),
    WINDROW_DASHBOARD_PORT: await freePort('127.0.0.1'),
  }
  const outside = { ...environment, ...outsideEnvironment(variables) }
  const compose = composeArguments(folder, variables)
  const docker = (...args: string[]) => engine.docker(args)
  const containersOf = async (service: string, ...flags: string[]) => {
    const filter = `label=com.docker.compose.service=${service}`
    return (await docker('ps', ...flags, '--filter', filter, '--format', '{{.Names}}')).split('\n').filter(Boolean)
  }
  const options = { environment: engine.environment, folder: projectRoot }
  return {
    secrets: [variables.WINDROW_REDIS_PASSWORD, variables.WINDROW_S3_SECRET_KEY, variables.WINDROW_DASHBOARD_PASSWORD],
    dashboard: {
      url: `http://127.0.0.1:${variables.WINDROW_DASHBOARD_PORT}`,
      password: variables.WINDROW_DASHBOARD_PASSWORD,
    },
    ports: [variables.WINDROW_REDIS_PORT, variables.WINDROW_S3_PORT, variables.WINDROW_DASHBOARD_PORT],
    storeUrl: outside.WINDROW_STORE,
    docker,
    compose: async (...args) => succeeded(await runToEnd('docker-compose', [...compose, ...args], options)).stdout,
    running: async (service) => (await containersOf(service)).sort(),
    async logOf(service) {
      const containers = await containersOf(service, '--all')
      const logs = await Promise.all(containers.map((name) => runToEnd('docker', ['logs', name], options)))
      return logs.map(({ stdout, stderr }) => stdout + stderr).join('')
    },
    windrow: (...args) => runToEnd(join(projectRoot, 'bin/windrow'), args, { environment: outside, folder }),
  }
}

type Variables = Readonly<Record<`WINDROW_${string}`, string | number>>

/** As docs/compose.md tells to set it. */
function outsideEnvironment(variables: Variables) {
  return {
    WINDROW_REDIS_URL: `redis://:${variables.WINDROW_REDIS_PASSWORD}@127.0.0.1:${variables.WINDROW_REDIS_PORT}`,
    WINDROW_STORE: `s3://windrow?endpoint=http://127.0.0.1:${variables.WINDROW_S3_PORT}`,
    AWS_ACCESS_KEY_ID: String(variables.WINDROW_S3_ACCESS_KEY),
    AWS_SECRET_ACCESS_KEY: String(variables.WINDROW_S3_SECRET_KEY),
  }
}

function composeArguments(folder: string, variables: Variables): string[] {
  const [environment, overrides] = [join(folder, '.env'), join(folder, 'build-over-the-network-of-the-host.json')]
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`)
  writeFileSync(environment, lines.join(''), { mode: 0o600 })
  writeFileSync(overrides, JSON.stringify(buildOverrides()))
  return ['--env-file', environment, '--project-name', 'windrow', '-f', 'docker-compose.yml', '-f', overrides]
}

function buildOverrides() {
  const built = Object.entries(readComposeFile().services).filter(([, service]) => 'build' in service)
  return { services: Object.fromEntries(built.map(([name]) => [name, { build: { network: 'host' } }])) }
}
