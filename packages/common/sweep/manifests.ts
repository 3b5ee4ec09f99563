import { WindrowError } from '../errors/windrow-error.ts'
import { decodeRecord, encodeRecord } from '../records/record-codec.ts'
import { names } from '../store/names.ts'
import type { Store } from '../store/store.ts'
import { changedError, compareSpecifications } from './compare.ts'
import { didYouMean } from './did-you-mean.ts'
import { planOf } from './expand.ts'
import { gridOf } from './grid.ts'
import { identityDigest } from './identity.ts'
import { type Manifest, manifestSchema } from './manifest.ts'
import { namePattern, type Specification } from './specification.ts'

/**
 * The manifests of a sweep, oldest first; at least one. Throws SWEEP_UNKNOWN when there is none, STORE_RECORD_INVALID when
 * one is missing in between, belongs to another sweep, or does not carry the digest of its specification.
 */
export async function readManifests(store: Store, sweep: string): Promise<Manifest[]> {
  const manifests = await listManifests(store, sweep)
  if (manifests.length > 0) return manifests
  const known = await store.folders(names.sweeps)
  const sweeps = known.map((folder) => folder.replace(/\/$/, ''))
  const choice = sweeps.length === 0 ? 'There is no sweep in it.' : `It has ${sweeps.slice(0, 20).join(', ')}.`
  throw new WindrowError('SWEEP_UNKNOWN', {
    message: `The store ${store.url} has no sweep ${sweep}.${didYouMean(sweep, sweeps)} ${choice}`,
    context: { sweep, store: store.url, sweeps },
  })
}

export interface SubmissionFacts {
  /** Milliseconds since the epoch. */
  readonly now: number
  readonly numericsId: string
  readonly windrowVersion: string
  readonly submittedBy?: string
}

export interface Submission {
  /** The newest manifest of the sweep: the one just written, or the one that was there. */
  readonly manifest: Manifest
  /** All of them, oldest first, as planOf takes them. */
  readonly manifests: readonly Manifest[]
  readonly outcome: 'new' | 'resumed' | 'extended' | 'policy-changed'
  /** Configurations that are new. */
  readonly added: number
}

/**
 * Enters a specification into the store: a new sweep, the same one again, an extension, or another policy. Two submitters
 * at once are in order, one after the other. Throws SPEC_CHANGED when it would change or remove configurations.
 */
export async function submitManifest(
  store: Store,
  specification: Specification,
  facts: SubmissionFacts,
): Promise<Submission> {
  for (let tries = 0; tries < mostTries; tries++) {
    const manifests = await listManifests(store, specification.name)
    const step = nextStep(manifests, specification)
    const present = manifests.at(-1)
    if (step.outcome === 'resumed' && present) return { manifest: present, manifests, ...step }
    const manifest = manifestOf(specification, {
      ...facts,
      n: manifests.length,
      total: (present?.total ?? 0) + step.added,
    })
    const name = names.manifest(specification.name, manifest.n)
    const created = await store.create(name, encodeRecord(manifest))
    // Somebody else was first: what is to be done depends on what they entered.
    if (created === 'exists') continue
    return { manifest, manifests: [...manifests, manifest], ...step }
  }
  throw new WindrowError('STORE_UNAVAILABLE', {
    message: `The store ${store.url} says that a manifest of ${specification.name} exists, but does not show it.`,
    context: { sweep: specification.name, store: store.url },
  })
}

/** Each lost race is somebody else's manifest; so many in a row mean that the store does not list what it holds. */
const mostTries = 20

type Step = Pick<Submission, 'outcome' | 'added'>

function nextStep(manifests: readonly Manifest[], specification: Specification): Step {
  const present = manifests.at(-1)
  if (!present) return { outcome: 'new', added: gridOf(specification).total }
  const comparison = compareSpecifications(present.specification, specification)
  switch (comparison.kind) {
    case 'same':
      return { outcome: 'resumed', added: 0 }
    case 'policy-changed':
      return { outcome: 'policy-changed', added: 0 }
    case 'extends':
      return { outcome: 'extended', added: comparison.added }
    case 'changed':
      throw changedError(specification.name, comparison)
  }
}

function manifestOf(specification: Specification, facts: SubmissionFacts & { n: number; total: number }): Manifest {
  const { n, total, numericsId, windrowVersion, submittedBy, now } = facts
  return {
    schema: 1,
    sweep: specification.name,
    n,
    specification,
    identity: identityDigest(specification),
    total,
    numericsId,
    windrowVersion,
    ...(submittedBy === undefined ? {} : { submittedBy }),
    at: new Date(now).toISOString(),
  }
}

async function listManifests(store: Store, sweep: string): Promise<Manifest[]> {
  if (!namePattern.test(sweep)) return []
  const found: { n: number; name: string }[] = []
  for await (const { name } of store.list(names.manifests(sweep))) {
    const match = /\/manifest\.(0|[1-9]\d{0,8})\.json$/.exec(name)
    if (match) found.push({ n: Number(match[1]), name })
  }
  found.sort((a, b) => a.n - b.n)
  const manifests: Manifest[] = []
  for (const [place, { n, name }] of found.entries()) {
    if (n !== place) throw damaged(names.manifest(sweep, place), 'is missing, and there are later ones', sweep)
    manifests.push(await readManifest(store, { sweep, n, name }))
  }
  if (manifests.length > 0) planOf(manifests)
  return manifests
}

async function readManifest(store: Store, { sweep, n, name }: { sweep: string; n: number; name: string }) {
  const manifest = decodeRecord(manifestSchema, name, (await store.read(name)) ?? new Uint8Array())
  if (manifest.n !== n || manifest.sweep !== sweep || manifest.specification.name !== sweep) {
    throw damaged(name, `calls itself manifest ${manifest.n} of sweep ${manifest.sweep}`, sweep)
  }
  if (manifest.identity !== identityDigest(manifest.specification)) {
    throw damaged(name, 'does not carry the digest of its specification', sweep)
  }
  return manifest
}

function damaged(name: string, fault: string, sweep: string): WindrowError {
  return new WindrowError('STORE_RECORD_INVALID', { message: `${name} ${fault}.`, context: { name, sweep } })
}
