import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1'
import * as apps from 'kubernetes-models/apps/v1'
import * as networking from 'kubernetes-models/networking.k8s.io/v1'
import * as core from 'kubernetes-models/v1'
import type { Resource } from './render.ts'

interface Model {
  readonly apiVersion: string
  readonly kind: string
  readonly prototype: { validate(this: unknown): void }
}

const isModel = (exported: unknown): exported is Model =>
  typeof exported === 'function' && 'apiVersion' in exported && 'kind' in exported

const models = [core, apps, networking, keda].flatMap((exports) => Object.values(exports).filter(isModel))

/** What the schemas of Kubernetes and KEDA have against a resource: what is missing, of another type, or not a field at all. */
export function complaintsAbout(resource: Resource): string[] {
  const model = models.find(({ apiVersion, kind }) => apiVersion === resource.apiVersion && kind === resource.kind)
  if (!model) return [`there is no ${resource.kind} in ${resource.apiVersion}`]
  const unread = new Set<string>()
  try {
    model.prototype.validate.call(watched(resource, '', unread))
  } catch (error) {
    return [String(error)]
  }
  return [...unread].map((path) => `${path} is no field`)
}

/**
 * The schemas let unknown fields pass, as OpenAPI does, and a cluster drops them without a word. But a validator reads every
 * field that its schema knows: those that are left in `unread` afterwards, it does not know.
 */
function watched(value: unknown, path: string, unread: Set<string>): unknown {
  if (typeof value !== 'object' || value === null) return value
  const inner = new Map(Object.entries(value).map(([name, of]) => [name, watched(of, `${path}/${name}`, unread)]))
  if (!Array.isArray(value)) for (const name of inner.keys()) unread.add(`${path}/${name}`)
  return new Proxy(value, {
    get(target, name) {
      if (typeof name === 'symbol' || !inner.has(name)) return Reflect.get(target, name)
      unread.delete(`${path}/${name}`)
      return inner.get(name)
    },
  })
}
