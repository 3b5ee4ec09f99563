import { randomBytes } from 'node:crypto'
import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import type { Fault, ProxiedRequest } from '../../fixtures/fault-proxy.ts'
import type { Chance } from '../../simulation/chance.ts'
import type { FaultName } from '../doses.ts'
import type { Field } from '../field.ts'
import type { Dose } from '../journal.ts'

/** What befalls single requests. */
export interface StoreWeather {
  /** Awaited for every request of any process: nothing, or a fault. */
  choose(request: ProxiedRequest): Promise<Fault | undefined>
  clear(): void
}

const share = 0.05

type Kind = Extract<FaultName, `store ${string}`>

/** Of the same likelihood each, but for the cut, which only a PUT can have. */
const kinds: readonly Kind[] = [
  'store answers 500',
  'store answers 503',
  'store cuts a PUT',
  'store is slow',
  'store does it and does not say so',
]

/** One request in twenty meets a fault; that the same is asked again shows that it was noticed. */
export function storeWeather({ journal }: Pick<Field, 'journal'>, chance: Chance): StoreWeather {
  let isClear = false
  const unanswered = new Map<string, Dose>()
  return {
    clear: () => {
      isClear = true
    },
    async choose(request) {
      const subject = subjectOf(request)
      const earlier = unanswered.get(subject)
      if (earlier) earlier.caught = true
      if (isClear || !chance.happens(share)) return undefined
      const kind = chance.pick(request.method === 'PUT' ? kinds : kinds.filter((name) => name !== 'store cuts a PUT'))
      const dose = journal.dose(kind, { request: subject }, keysIn(request.path))
      if (kind !== 'store is slow') unanswered.set(subject, dose)
      return await befall(kind, chance, dose)
    },
  }
}

async function befall(kind: Kind, chance: Chance, dose: Dose): Promise<Fault | undefined> {
  switch (kind) {
    case 'store answers 500':
      return { kind: 'answer', status: 500, code: 'InternalError' }
    case 'store answers 503':
      return { kind: 'answer', status: 503, code: 'SlowDown' }
    case 'store cuts a PUT':
      return { kind: 'cut' }
    case 'store is slow':
      await new Promise((resolve) => setTimeout(resolve, chance.between(200, 2_000)))
      // It is waited for: there is nothing to notice.
      dose.caught = true
      return undefined
    case 'store does it and does not say so':
      return chance.pick<Fault>([
        { kind: 'do-and-answer', status: 504, code: 'GatewayTimeout' },
        { kind: 'do-and-cut' },
        { kind: 'do-and-say-nothing', forMs: 3_000 },
      ])
  }
}

/** What is asked for, whatever the method: a PUT whose end is not known is followed by a HEAD, or by itself. */
function subjectOf({ path }: ProxiedRequest): string {
  const [name = '', query = ''] = path.split('?')
  return name.endsWith('/') || query.includes('list-type') ? path : name
}

const keysIn = (path: string) => /farm\d+_s\d+/.exec(path) ?? []

/** Overwrites a commit with damaged bytes, as a failing disk does: what the store says of it stays. Returns its name. */
export async function damageCommit(field: Field, chance: Chance, name: string): Promise<void> {
  const { client, bucket, prefix } = field.store
  const address = { Bucket: bucket, Key: `${prefix}sweeps/${field.sweep.name}/${name}` }
  const { Body, Metadata } = await client.send(new GetObjectCommand(address))
  const good = Buffer.from(await Body!.transformToByteArray())
  const { how, bytes } = chance.pick([flip, cutShort, zero, forget])(good, chance)
  const { ETag } = await client.send(new PutObjectCommand({ ...address, Body: bytes, ...(Metadata && { Metadata }) }))
  field.journal.dose('commit damaged', { name, how, etag: ETag }, keysIn(name))
}

type Damage = (good: Buffer, chance: Chance) => { how: string; bytes: Buffer }

const flip: Damage = (good, chance) => {
  const bytes = Buffer.from(good)
  // One alone may hit padding, which nothing reads.
  for (let n = 0; n < 16; n++) bytes[chance.below(bytes.length)]! ^= 1 << chance.below(8)
  return { how: '16 bits flipped', bytes }
}
const cutShort: Damage = (good, chance) => ({ how: 'cut short', bytes: good.subarray(0, chance.below(good.length)) })
const zero: Damage = (good) => ({ how: 'its second half zero', bytes: Buffer.from(good).fill(0, good.length >> 1) })
const forget: Damage = (good) => ({ how: 'other bytes of its size', bytes: randomBytes(good.length) })
