import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { awaited } from './awaited.ts'
import { readComposeFile } from './compose-file.ts'
import type { Stack } from './stack.ts'

const inspected = z.array(
  z.object({
    Name: z.string(),
    State: z.object({
      Health: z.object({ Status: z.string() }).optional(),
      ExitCode: z.number(),
      Running: z.boolean(),
    }),
    Config: z.object({ Labels: z.record(z.string(), z.string()) }),
    HostConfig: z.object({ ReadonlyRootfs: z.boolean() }),
  }),
)

/** All containers, with the service that each of them belongs to. */
async function containersOf(stack: Stack) {
  const ids = (await stack.docker('ps', '--all', '--quiet')).split('\n').filter(Boolean)
  const containers = inspected.parse(JSON.parse(await stack.docker('inspect', ...ids)))
  return containers.map((container) => ({
    ...container,
    name: container.Name.slice(1),
    service: container.Config.Labels['com.docker.compose.service']!,
  }))
}

/** Waits until every container that has a health check is healthy, and that the one without has ended well. */
export async function allAreHealthy(stack: Stack): Promise<void> {
  const { services } = readComposeFile()
  await awaited('every service to be healthy', async () =>
    (await containersOf(stack)).every(({ State }) => State.Health === undefined || State.Health.Status === 'healthy'),
  )
  const containers = await containersOf(stack)
  assert.deepEqual([...new Set(containers.map(({ service }) => service))].sort(), Object.keys(services).sort())
  for (const { service, State } of containers) {
    if (services[service]!.healthcheck) assert.ok(State.Running, `${service} runs`)
    else assert.deepEqual([State.Running, State.ExitCode], [false, 0], `${service} has ended well`)
  }
}

/** Waits until every container of this service is healthy. */
export async function isHealthy(stack: Stack, service: string): Promise<void> {
  await awaited(`${service} to be healthy`, async () =>
    (await containersOf(stack))
      .filter((container) => container.service === service)
      .every(({ State }) => State.Health?.Status === 'healthy'),
  )
}

/** What a process in a container really may do: asked inside of it. */
export async function areConfined(stack: Stack): Promise<void> {
  // Folders of the image that belong to the users of the services, too.
  const write = 'for folder in /opt /etc "$HOME" /var/lib/redis; do touch $folder/x && echo written; done'
  const ask = `id -u; grep -E "^(CapEff|NoNewPrivs)" /proc/self/status; ${write}`
  for (const { name, service, State, HostConfig } of await containersOf(stack)) {
    if (!State.Running) continue
    const answer = await stack.docker('exec', name, 'sh', '-c', `{ ${ask}; } 2>/dev/null; true`)
    assert.match(answer, /^CapEff:\s*0+$/m, `${service} has no capabilities`)
    assert.match(answer, /^NoNewPrivs:\s*1$/m, `${service} gains none`)
    // MinIO's image writes into its own root, as its root; it has no capabilities either.
    if (service === 's3') continue
    assert.doesNotMatch(answer, /^0$/m, `${service} is not root`)
    assert.doesNotMatch(answer, /written/, `the root of ${service} cannot be written to`)
    assert.ok(HostConfig.ReadonlyRootfs, service)
  }
}

/** Health and metrics of every service are there for other containers, and for them alone: none of the ports is published. */
export async function serveMetrics(stack: Stack): Promise<void> {
  const ask = `for (const name of process.argv.slice(1)) {
    const answers = ['healthz', 'readyz', 'metrics'].map((path) => fetch('http://' + name + ':9464/' + path))
    const [health, readiness, metrics] = await Promise.all(answers)
    console.log(name, health.status, readiness.status, metrics.status, (await metrics.text()).match(/^windrow_/m)?.[0])
  }`
  const names = ['producer', 'worker', 'merger', 'dashboard']
  const answer = await stack.docker('exec', 'windrow_dashboard_1', 'node', '--input-type=module', '-e', ask, ...names)
  assert.equal(answer, names.map((name) => `${name} 200 200 200 windrow_\n`).join(''))
}

/** Every published port is one of 127.0.0.1: asked of this machine's own table of sockets. */
export function listenOnLoopbackOnly(ports: readonly number[]): void {
  const listening = ['tcp', 'tcp6'].flatMap((table) =>
    Array.from(
      readFileSync(`/proc/net/${table}`, 'utf8').matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /gm),
      ([, address, port]) => ({ address, port: Number.parseInt(port!, 16) }),
    ),
  )
  for (const port of ports) {
    assert.deepEqual(
      listening.filter((socket) => socket.port === port).map(({ address }) => address),
      ['0100007F'],
      `port ${port}`,
    )
  }
}

/** No password is in a command line of this machine, or in what any container has logged. */
export async function keepSecrets(stack: Stack): Promise<void> {
  // The stand-in for MinIO is handed its key on a command line; MinIO takes it from its environment.
  const commandLines = readCommandLines().filter((line) => !line.includes('radosgw'))
  assert.ok(
    commandLines.some((line) => line.includes('apps/worker/main.ts')),
    'the command lines of containers are seen',
  )
  const services = Object.keys(readComposeFile().services)
  const logs = await Promise.all(services.map(async (service) => ({ service, log: await stack.logOf(service) })))
  for (const secret of stack.secrets) {
    assert.ok(!commandLines.some((line) => line.includes(secret)), 'a command line shows a password')
    for (const { service, log } of logs) assert.ok(!log.includes(secret), `the log of ${service} shows a password`)
  }
}

function readCommandLines(): string[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
  return pids.flatMap((pid) => {
    try {
      return [readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')]
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (code === 'ENOENT' || code === 'ESRCH') return []
      throw error
    }
  })
}

/** Asks a worker's container to end in the middle of a sweep and holds it to its word: it drains, and says by status 4 that work remains. */
export async function stopWorkerContainer(stack: Stack, name: string): Promise<void> {
  await stack.docker('stop', '--time', '90', name)
  const container = (await containersOf(stack)).find((candidate) => candidate.name === name)
  assert.equal(container?.State.ExitCode, 4)
}

/** Ends everything in good order: each service is given the time to hand its work back, and says so by its exit status. */
export async function drain(stack: Stack): Promise<void> {
  await stack.compose('stop')
  for (const { service, State } of await containersOf(stack)) {
    assert.equal(State.Running, false, service)
    // radosgw, which stands in for MinIO, is killed by its keeper.
    if (service !== 's3') assert.equal(State.ExitCode, 0, `${service} ended with status ${State.ExitCode}`)
  }
}

/** `down` leaves no container, no network and, as it is told to, no volume. */
export async function takeDown(stack: Stack): Promise<void> {
  await stack.compose('down', '--volumes')
  assert.equal(await stack.docker('ps', '--all', '--quiet'), '')
  assert.equal(await stack.docker('volume', 'ls', '--quiet'), '')
  assert.equal(await stack.docker('network', 'ls', '--quiet', '--filter', 'type=custom'), '')
}
