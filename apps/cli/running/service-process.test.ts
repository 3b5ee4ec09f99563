import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { parse, parseAllDocuments } from 'yaml'
import { z } from 'zod'
import { mergerEnvironment, nodeFlags } from './service-process.ts'

const textOf = (file: string) => readFileSync(new URL(`../../../${file}`, import.meta.url), 'utf8')
const settings = { NODE_OPTIONS: nodeFlags.join(' '), ...mergerEnvironment }

test('a merger has the same settings of its memory whoever starts it', () => {
  const command = textOf('bin/windrow')
  assert.deepEqual(/^exec "\$node" (.+) "\$root/m.exec(command)?.[1], settings.NODE_OPTIONS)
  assert.deepEqual(/MALLOC_ARENA_MAX:-(\d+)/.exec(command)?.[1], settings.MALLOC_ARENA_MAX)

  const { services } = z
    .object({ services: z.object({ merger: z.object({ environment: z.looseObject({}) }) }) })
    .parse(parse(textOf('docker-compose.yml'), { merge: true }))
  assert.deepEqual(settingsIn(services.merger.environment), settings)

  const deployed = parseAllDocuments(textOf('deploy/kubernetes/base/merger.yaml')).flatMap((document) => {
    const found = workload.safeParse(document.toJS())
    return found.success ? found.data.spec.template.spec.containers : []
  })
  assert.equal(deployed.length, 1)
  assert.deepEqual(settingsIn(Object.fromEntries(deployed[0]!.env.map(({ name, value }) => [name, value]))), settings)
})

const workload = z.object({
  spec: z.object({
    template: z.object({
      spec: z.object({
        containers: z.array(z.object({ env: z.array(z.object({ name: z.string(), value: z.string().optional() })) })),
      }),
    }),
  }),
})

const settingsIn = (environment: Readonly<Record<string, unknown>>) =>
  Object.fromEntries(Object.keys(settings).map((name) => [name, environment[name]]))
