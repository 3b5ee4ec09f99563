import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { programSkipReason } from '../fixtures/python.ts'
import { type Resource, render } from './render.ts'
import { complaintsAbout } from './schemas.ts'
import { type Workload, workloadsAmong } from './workloads.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const skip = programSkipReason('kubectl')
const resources = skip ? [] : await render('overlays/keda')
const workloads = workloadsAmong(resources)
const services = workloads.filter(({ name }) => name !== 'redis')

const theOnly = (kind: string, name: string): Resource => {
  const found = resources.filter((resource) => resource.kind === kind && resource.metadata.name.startsWith(name))
  assert.equal(found.length, 1, `${kind} ${name}`)
  return found[0]!
}

/** By the C library below Node. */
const readByLibc = ['MALLOC_ARENA_MAX']

describe('the Kubernetes manifests', { skip }, () => {
  it('are rendered whole, into one namespace', () => {
    assert.deepEqual(
      resources.map(({ kind, metadata }) => `${kind} ${metadata.name.replace(/-[a-z0-9]{10}$/, '')}`).sort(),
      [
        'ConfigMap redis-settings',
        'ConfigMap windrow-settings',
        'Deployment dashboard',
        'Deployment merger',
        'Deployment producer',
        'Deployment worker',
        'Namespace windrow',
        'NetworkPolicy redis',
        'ScaledObject worker',
        'Secret windrow-secrets',
        'Service dashboard',
        'Service redis',
        'StatefulSet redis',
      ],
    )
    for (const { kind, metadata } of resources) {
      assert.equal(metadata.namespace ?? metadata.name, 'windrow', `${kind} ${metadata.name}`)
    }
  })

  it('are what the schemas of Kubernetes and KEDA ask for, to the last field', () => {
    for (const resource of resources) {
      assert.deepEqual(complaintsAbout(resource), [], `${resource.kind} ${resource.metadata.name}`)
    }
  })

  const planted: readonly [string, kind: string, (text: string) => string, RegExp][] = [
    [
      'a misspelled field',
      'Deployment',
      (text) => text.replace('"readOnlyRoot', '"readonlyRoot'),
      /readonlyRootFilesystem is no field/,
    ],
    [
      'a word for a number',
      'Deployment',
      (text) => text.replace('"periodSeconds":20', '"periodSeconds":"20s"'),
      /periodSeconds must be integer/,
    ],
    ['no selector', 'Deployment', (text) => text.replace('"selector":', '"selectors":'), /required property selector/],
    ['no trigger', 'ScaledObject', (text) => text.replace('"triggers":', '"trigger":'), /required property triggers/],
    [
      'a number for a word',
      'ScaledObject',
      (text) => text.replace('"threshold":"2"', '"threshold":2'),
      /threshold must be string/,
    ],
    [
      'a field of another kind',
      'ScaledObject',
      (text) => text.replace('"maxReplicaCount"', '"replicas"'),
      /spec\/replicas is no field/,
    ],
    [
      'another version',
      'NetworkPolicy',
      (text) => text.replace('/v1"', '/v2"'),
      /no NetworkPolicy in networking.k8s.io\/v2/,
    ],
  ]
  for (const [mistake, kind, plant, complaint] of planted) {
    it(`are caught with ${mistake}`, () => {
      const text = JSON.stringify(resources.find((resource) => resource.kind === kind))
      assert.notEqual(plant(text), text)
      assert.match(complaintsAbout(JSON.parse(plant(text))).join('\n'), complaint)
    })
  }

  it('let no pod be root, write its image, gain a privilege, or run without requests and a limit of memory', () => {
    for (const { name, pod, container } of workloads) {
      const { runAsUser, fsGroup: _group, ...others } = z.looseObject({ runAsUser: z.int() }).parse(pod.securityContext)
      assert.deepEqual(
        others,
        { runAsNonRoot: true, runAsGroup: runAsUser, seccompProfile: { type: 'RuntimeDefault' } },
        name,
      )
      assert.equal(runAsUser, name === 'redis' ? 999 : 1000)
      assert.equal(pod.automountServiceAccountToken, false, name)
      assert.deepEqual(
        container.securityContext,
        { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        name,
      )
      assert.ok(container.resources.requests.cpu && container.resources.requests.memory, name)
      assert.ok(container.resources.limits.memory, name)
    }
  })

  it('run the image of this version, entry files that are there, and flags that these know', async () => {
    const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'))
    for (const { container } of services) assert.equal(container.image, `windrow:${version}`)
    // With everything but a store: what a service complains of first is a flag that it does not know.
    const complaints = await Promise.all(services.map(({ container }) => complaintOf(container.command)))
    for (const [index, complaint] of complaints.entries()) {
      assert.match(complaint, /--store or WINDROW_STORE is needed/, services[index]!.name)
    }
  })

  it('select the pods they mean, by labels and ports that these have', () => {
    const selected = (wanted: object) =>
      workloads.filter(({ labels }) => isDeepStrictEqual({ ...labels, ...wanted }, labels)).map(({ name }) => name)
    for (const { name, selector } of workloads) assert.deepEqual(selected(selector), [name])
    for (const name of ['dashboard', 'redis']) {
      const { selector, ports } = serviceSchema.parse(theOnly('Service', name).spec)
      assert.deepEqual(selected(selector), [name])
      for (const { targetPort } of ports) assert.ok(portsOf(name).includes(targetPort), `${name}: ${targetPort}`)
    }
    const { podSelector, ingress } = policySchema.parse(theOnly('NetworkPolicy', 'redis').spec)
    assert.deepEqual(selected(podSelector.matchLabels), ['redis'])
    const [{ from, ports }] = ingress
    assert.deepEqual(selected(from[0].podSelector.matchLabels).sort(), services.map(({ name }) => name).sort())
    assert.ok(portsOf('redis').includes(ports[0].port))
  })

  it('refer to settings, secrets and volumes that are there, and leave none out', () => {
    for (const { name, container, pod, volumes } of workloads) {
      for (const { valueFrom } of container.env) {
        if (!valueFrom) continue
        const { name: secret, key } = valueFrom.secretKeyRef
        assert.ok(Object.hasOwn(z.looseObject({}).parse(theOnly('Secret', secret).data), key), `${name}: ${key}`)
      }
      for (const { configMapRef } of container.envFrom) theOnly('ConfigMap', configMapRef.name)
      for (const { configMap } of pod.volumes) if (configMap) theOnly('ConfigMap', configMap.name)
      assert.deepEqual(container.volumeMounts.map((mount) => mount.name).sort(), [...volumes].sort(), name)
      for (const flag of container.command) {
        const path = /^--[a-z]+=(\/.*)/.exec(flag)?.[1]
        if (path)
          assert.ok(
            container.volumeMounts.some(({ mountPath }) => path.startsWith(mountPath)),
            `${name}: ${path}`,
          )
      }
    }
  })

  it('set variables that the services read', () => {
    const settings = Object.keys(z.looseObject({}).parse(theOnly('ConfigMap', 'windrow-settings').data))
    const read = variablesRead()
    for (const { name, container } of services) {
      const forUrls = container.env.flatMap(({ value }) => value?.match(/(?<=\$\()\w+/g) ?? [])
      for (const variable of [...settings, ...container.env.map((entry) => entry.name)]) {
        const isOfOthers = variable.startsWith('AWS_') || readByLibc.includes(variable)
        const isKnown = isOfOthers || forUrls.includes(variable) || read.has(variable)
        assert.ok(isKnown, `${name}: ${variable}`)
      }
      assert.ok(!container.command.some((part) => part.includes('$(')), `${name} shows a secret on its command line`)
    }
  })

  it('scale the workers by a metric that there is, to what they run at once', () => {
    const { scaleTargetRef, triggers } = scaledSchema.parse(theOnly('ScaledObject', 'worker').spec)
    const [{ type, metadata }] = triggers
    const worker = services.find(({ name }) => name === scaleTargetRef.name)!
    assert.equal(type, 'prometheus')
    assert.deepEqual(Object.keys(metadata).sort(), ['ignoreNullValues', 'query', 'serverAddress', 'threshold'])
    assert.ok(worker.container.command.includes(`--concurrency=${metadata.threshold}`))
    assert.ok(!('replicas' in z.looseObject({}).parse(theOnly('Deployment', 'worker').spec)), 'applying would undo it')
    const metrics = sources().filter((text) => text.includes(`name: '${/windrow_\w+/.exec(metadata.query)?.[0]}'`))
    assert.equal(metrics.length, 1)
    for (const state of /state=~"([^"]+)"/.exec(metadata.query)![1]!.split('|')) assert.ok(metrics[0]!.includes(state))
    assert.ok(worker.pod.terminationGracePeriodSeconds >= 60, 'time to hand back')
  })
})

const serviceSchema = z.looseObject({
  selector: z.record(z.string(), z.string()),
  ports: z.array(z.looseObject({ targetPort: z.string() })),
})
const selectorSchema = z.object({ matchLabels: z.record(z.string(), z.string()) })
const policySchema = z.looseObject({
  podSelector: selectorSchema,
  ingress: z.tuple([
    z.object({
      from: z.tuple([z.object({ podSelector: selectorSchema })]),
      ports: z.tuple([z.object({ port: z.string() })]),
    }),
  ]),
})
const scaledSchema = z.looseObject({
  scaleTargetRef: z.object({ name: z.string() }),
  triggers: z.tuple([
    z.object({ type: z.string(), metadata: z.looseObject({ query: z.string(), threshold: z.string() }) }),
  ]),
})

function portsOf(name: string): string[] {
  return workloads.find((workload: Workload) => workload.name === name)!.container.ports.map((port) => port.name)
}

function complaintOf([program, ...args]: readonly string[]): Promise<string> {
  assert.equal(program, 'node')
  const options = { cwd: root, env: { PATH: process.env.PATH } }
  return new Promise((resolve) => execFile(process.execPath, args, options, (_error, _out, stderr) => resolve(stderr)))
}

/** The code that services run, file by file. */
function sources(): string[] {
  const isCode = (path: string) => /^(?!.*(?:node_modules|fixtures|\.test\.)).*\.ts$/.test(path)
  return ['apps', 'packages'].flatMap((folder) =>
    readdirSync(`${root}${folder}`, { recursive: true, encoding: 'utf8' })
      .filter(isCode)
      .map((path) => readFileSync(`${root}${folder}/${path}`, 'utf8')),
  )
}

function variablesRead(): Set<string> {
  return new Set(sources().flatMap((text) => text.match(/(?<=environment\.|process\.env\.)[A-Z][A-Z0-9_]*/g) ?? []))
}
