import { createHash } from 'node:crypto'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { FaultPlan } from './fault-plan.ts'
import type { Study } from './study.ts'
import type { World } from './world.ts'

export interface Violation {
  readonly invariant: string
  readonly what: string
}

interface Outcome {
  readonly world: World
  readonly study: Study
  readonly faults: FaultPlan
  readonly surprises: readonly unknown[]
  readonly settled: boolean
}

type State = 'merged' | 'quarantined' | 'dead' | 'missing'

/**
 * What a run must have left, read from the store by the formats of its files alone: nothing here is shared with what
 * wrote them.
 */
export async function violations({ world, study, faults, surprises, settled }: Outcome): Promise<Violation[]> {
  const found: Violation[] = surprises.map((error) => ({ invariant: 'no surprise', what: messageOf(error) }))
  const check = (invariant: string, holds: boolean, what: () => string) => {
    if (!holds) found.push({ invariant, what: what() })
  }
  const store = await readStore(world)
  const summary = await world.ledger.summary()
  check('I5 settled in time', settled, () => JSON.stringify(summary ?? 'there is no ledger'))
  if (!settled) return found
  const { plan } = study.submitted
  const keys = Array.from({ length: plan.total }, (_, index) => plan.keyAt(index))
  const expected = new Map(keys.map((key) => [key, stateInStore(store, key)]))
  for (const [name, bytes] of store) {
    const key = /\/results\/(.+)\.\d+\.h5$/.exec(name)?.[1]
    if (key) check('I2 only valid bytes are committed', await isValid(study, key, bytes), () => name)
  }
  const certificate = newestCertificate(store)
  const merged = [...expected.values()].filter((state) => state === 'merged').length
  check('I1 the ledger agrees with the store', summary?.counts.committed === merged, () => JSON.stringify(summary))
  check('I1 what is merged has a generation', merged === 0 || certificate !== undefined, () => `${merged} merged`)
  if (certificate) {
    const accounted = accountOf(certificate.certificate)
    for (const key of keys) {
      const states = accounted.get(key) ?? []
      const says = () =>
        `${key}: ${expected.get(key)} in the store, ${states.join(' and ') || 'nothing'} in the certificate`
      check('I1 accounted for exactly once', states.length === 1 && states[0] === expected.get(key), says)
    }
    check(
      'I1 no strangers',
      [...accounted.keys()].every((key) => expected.has(key)),
      () => [...accounted.keys()].join(),
    )
    const { bytes, sha256 } = certificate
    check('I4 the file is the one that was recorded', sha256Of(bytes) === sha256, () => sha256)
    const isWhole = merged === plan.total
    check('I4 identical to the fault-free run', !isWhole || sha256 === study.mergedSha256, () => sha256)
    for (const { key, contentSha256 } of certificate.certificate.merged) {
      check('I4 contents of the fault-free run', contentSha256 === study.contents.get(key), () => key)
    }
  }
  if (!faults.redisForgets) {
    for (const { key, epoch, attempt } of world.ran) {
      const name = `sweeps/${plan.sweep}/attempts/${key}/${epoch}-${attempt}.json`
      check('I7 every attempt is on record', store.has(name), () => name)
    }
  }
  return found
}

async function readStore({ store }: World): Promise<Map<string, Uint8Array>> {
  const objects = new Map<string, Uint8Array>()
  for await (const { name } of store.list('')) objects.set(name, (await store.readUndamaged(name))!)
  return objects
}

/** Precedence: commit, dead letter, nothing, of the lowest epoch that is not reopened. */
function stateInStore(store: ReadonlyMap<string, Uint8Array>, key: string): State {
  const place = (folder: string, epoch: number, extension: string) =>
    `sweeps/small/${folder}/${key}.${epoch}.${extension}`
  let epoch = 0
  while (store.has(place('reopened', epoch, 'json'))) epoch++
  if (store.has(place('results', epoch, 'h5'))) return 'merged'
  const letter = store.get(place('dead', epoch, 'json'))
  if (!letter) return 'missing'
  return jsonOf(letter).state === 'dead-corrupt' ? 'quarantined' : 'dead'
}

interface CertificateText {
  readonly merged: readonly { key: string; contentSha256: string }[]
  readonly quarantined: readonly { key: string }[]
  readonly dead: readonly { key: string }[]
  readonly missing: readonly string[]
}

function newestCertificate(store: ReadonlyMap<string, Uint8Array>) {
  const newest = [...store.keys()]
    .filter((name) => name.startsWith('sweeps/small/generations/'))
    .sort()
    .at(-1)
  if (!newest) return undefined
  const { inputDigest, files } = jsonOf(store.get(newest)!)
  const folder = `sweeps/small/merges/${inputDigest}`
  const certificate: CertificateText = jsonOf(store.get(`${folder}/certificate.json`)!)
  return { certificate, bytes: store.get(`${folder}/layouts.h5`)!, sha256: files.layouts.sha256 as string }
}

function accountOf(certificate: CertificateText): Map<string, State[]> {
  const account = new Map<string, State[]>()
  const put = (key: string, state: State) => account.set(key, [...(account.get(key) ?? []), state])
  for (const { key } of certificate.merged) put(key, 'merged')
  for (const { key } of certificate.quarantined) put(key, 'quarantined')
  for (const { key } of certificate.dead) put(key, 'dead')
  for (const key of certificate.missing) put(key, 'missing')
  return account
}

/** A flipped bit where the file holds nothing leaves the same contents in other bytes. */
async function isValid({ results, validator, contents }: Study, key: string, bytes: Uint8Array): Promise<boolean> {
  if (Buffer.compare(bytes, results.get(key) ?? new Uint8Array()) === 0) return true
  const verdict = await validator.validate(bytes, { key })
  return verdict.ok && verdict.contentSha256 === contents.get(key)
}

// biome-ignore lint/suspicious/noExplicitAny: whatever the file says; what is asked of it is compared at once.
const jsonOf = (bytes: Uint8Array): any => JSON.parse(Buffer.from(bytes).toString('utf8'))
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
