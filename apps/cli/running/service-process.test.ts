import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { mergerEnvironment, mergerFlags, nodeFlags, serviceArguments } from './service-process.ts'

const textOf = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
const started = ['node', ...mergerFlags, 'apps/merger/main.ts', '--scratch=/var/lib/windrow/scratch']

test('a merger has the same settings of its memory whoever starts it', () => {
  assert.deepEqual(serviceArguments('merger', []).slice(0, mergerFlags.length), mergerFlags)
  const command = textOf('bin/windrow')
  assert.deepEqual(/^exec "\$node" (.+) "\$root/m.exec(command)?.[1], nodeFlags.join(' '))
  assert.deepEqual(/MALLOC_ARENA_MAX:-(\d+)/.exec(command)?.[1], mergerEnvironment.MALLOC_ARENA_MAX)

  const { merger } = z
    .object({ services: z.object({ merger: startedMerger.extend({ environment: z.looseObject({}) }) }) })
    .parse(parse(textOf('docker-compose.yml'), { merge: true })).services
  assert.deepEqual(merger.command, started)
  assert.deepEqual(settingsIn(merger.environment), mergerEnvironment)

  const deployed = parseAllDocuments(textOf('deploy/kubernetes/base/merger.yaml')).flatMap((document) => {
    const found = workload.safeParse(document.toJS())
    return found.success ? found.data.spec.template.spec.containers : []
  })
  assert.equal(deployed.length, 1)
  const { command: inCluster, env } = deployed[0]!
  assert.deepEqual(inCluster, started)
  assert.deepEqual(settingsIn(Object.fromEntries(env.map(({ name, value }) => [name, value]))), mergerEnvironment)
})

const startedMerger = z.object({ command: z.array(z.string()) })
const workload = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(
          startedMerger.extend({ env: z.array(z.object({ name: z.string(), value: z.string().optional() })) }),
        ),
      }),
    }),
  }),
})

const settingsIn = (environment: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.keys(mergerEnvironment).map((name) => [name, environment[name]]))
