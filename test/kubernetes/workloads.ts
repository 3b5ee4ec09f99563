import { z } from 'zod'
import type { Resource } from './render.ts'

const labels = z.record(z.string(), z.string())
const keyRef = z.object({ name: z.string(), key: z.string() })

const containerSchema = z.looseObject({
  name: z.string(),
  image: z.string(),
  command: z.array(z.string()),
  envFrom: z.array(z.object({ configMapRef: z.object({ name: z.string() }) })).default([]),
  env: z.array(
    z.object({
      name: z.string(),
      value: z.string().optional(),
      valueFrom: z.object({ secretKeyRef: keyRef }).optional(),
    }),
  ),
  ports: z.array(z.object({ name: z.string(), containerPort: z.int() })),
  securityContext: z.unknown(),
  resources: z.object({ requests: z.record(z.string(), z.unknown()), limits: z.record(z.string(), z.unknown()) }),
  volumeMounts: z.array(z.looseObject({ name: z.string(), mountPath: z.string() })),
})

const podSchema = z.looseObject({
  automountServiceAccountToken: z.boolean(),
  terminationGracePeriodSeconds: z.int(),
  securityContext: z.looseObject({ runAsUser: z.int() }),
  containers: z.tuple([containerSchema]),
  volumes: z.array(z.looseObject({ name: z.string(), configMap: z.object({ name: z.string() }).optional() })),
})

const workloadSchema = z.looseObject({
  kind: z.enum(['Deployment', 'StatefulSet']),
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    selector: z.object({ matchLabels: labels }),
    template: z.looseObject({ metadata: z.looseObject({ labels }), spec: podSchema }),
    volumeClaimTemplates: z.array(z.looseObject({ metadata: z.object({ name: z.string() }) })).default([]),
  }),
})

/** What runs pods, one container each. */
export interface Workload {
  readonly name: string
  readonly selector: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
  readonly pod: z.infer<typeof podSchema>
  readonly container: z.infer<typeof containerSchema>
  readonly volumes: readonly string[]
}

export function workloadsAmong(resources: readonly Resource[]): Workload[] {
  return resources
    .filter(({ kind }) => kind === 'Deployment' || kind === 'StatefulSet')
    .map((resource) => {
      const { metadata, spec } = workloadSchema.parse(resource)
      const pod = spec.template.spec
      return {
        name: metadata.name,
        selector: spec.selector.matchLabels,
        labels: spec.template.metadata.labels,
        pod,
        container: pod.containers[0],
        volumes: [...pod.volumes, ...spec.volumeClaimTemplates.map((claim) => claim.metadata)].map(({ name }) => name),
      }
    })
}
