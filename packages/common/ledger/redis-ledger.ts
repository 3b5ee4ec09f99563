import type { Redis } from 'ioredis'
import { z } from 'zod'
import { translateRedisError } from '../redis/redis-health.ts'
import type { OwedAttempts, Trials } from '../trials/trials.ts'
import { type CellCounts, countNewCells, noCells, openCells } from './cell-counts.ts'
import type {
  BeginResult,
  Ledger,
  LedgerCreation,
  LedgerSummary,
  RunningAttempt,
  RunningBeat,
  SettleResult,
} from './ledger.ts'
import { extensionMismatch, ledgerAbsent, unknownIndex } from './ledger-errors.ts'
import {
  asideReply,
  beginReply,
  extendReply,
  givenReply,
  owedReply,
  reopenReply,
  repeatReply,
  selectReply,
  settleReply,
  summaryReply,
  takeBackReply,
  trialsReply,
} from './ledger-replies.ts'
import { type RedisScript, runScript } from './redis-script.ts'
import { ledgerKeys, ledgerScripts } from './redis-scripts.ts'
import { ScriptBatch } from './script-batch.ts'
import { configurationStates } from './states.ts'
import type { BeginRequest } from './transitions.ts'
import { escaped, isAsideText, streakOfText, trialsOfTexts, unescaped } from './trial-texts.ts'

/** So many configurations go into one script, which blocks Redis for a few milliseconds. */
const selectedAtOnce = 5_000

/**
 * The ledger of a sweep in Redis. The connection may be shared; it is not closed. Redis errors are REDIS_UNAVAILABLE,
 * REDIS_FULL or REDIS_REFUSED.
 */
export function openRedisLedger(redis: Redis, sweep: string): Ledger {
  return new RedisLedger(redis, sweep)
}

class RedisLedger implements Ledger {
  readonly sweep: string
  readonly #redis: Redis
  readonly #keys: ReturnType<typeof ledgerKeys>
  readonly #begins = this.#batchOf(ledgerScripts.begin)
  readonly #settlements = this.#batchOf(ledgerScripts.settle)

  constructor(redis: Redis, sweep: string) {
    this.#redis = redis
    this.sweep = sweep
    this.#keys = ledgerKeys(sweep)
  }

  async create({ manifest, instance, cells, epochs }: LedgerCreation): Promise<'created' | 'exists'> {
    const counts = countNewCells(cells)
    const live = [...epochs].filter(([, epoch]) => epoch > 0).flat()
    const args = [manifest, instance, Buffer.from(cells), cells.length, openCells(counts), ...inOrder(counts), ...live]
    return z.enum(['created', 'exists']).parse(await this.#script(ledgerScripts.create, args))
  }

  async extend({ manifest, fromTotal, cells }: Parameters<Ledger['extend']>[0]): Promise<'extended' | 'repeated'> {
    const counts = countNewCells(cells)
    const args = [manifest, fromTotal, Buffer.from(cells), cells.length, openCells(counts), ...inOrder(counts)]
    const [outcome, total] = extendReply.parse(await this.#script(ledgerScripts.extend, args))
    if (outcome === 'mismatch') throw extensionMismatch(this.sweep, { fromTotal, total })
    return outcome
  }

  async summary(): Promise<LedgerSummary | undefined> {
    const { meta, running: runningKey } = this.#keys
    const replies = await this.#ask(() => this.#redis.multi().hgetall(meta).hlen(runningKey).exec())
    const [[, fields], [, running]] = summaryReply.parse(replies)
    if (!fields) return undefined
    const { total, manifest, revision, merged, instance, ...rest } = fields
    const counts = { ...noCells(), running }
    for (const [code, state] of counted) counts[state] = z.coerce.number().parse(rest[`c${code}`])
    counts.pending = total - running - counted.reduce((sum, [, state]) => sum + counts[state], 0)
    return { total, counts, manifest, revision, mergedRevision: merged, instance }
  }

  async cells(): Promise<Uint8Array> {
    const found = await this.#ask(() => this.#redis.getBuffer(this.#keys.cells))
    if (!found) throw ledgerAbsent(this.sweep)
    return new Uint8Array(found.buffer, found.byteOffset, found.byteLength)
  }

  async epochs(): Promise<Map<number, number>> {
    const fields = await this.#hash(this.#keys.epochs)
    return new Map(Object.entries(fields).map(([index, epoch]) => [Number(index), Number(epoch)]))
  }

  async running(): Promise<RunningBeat[]> {
    const [holders, epochs] = await Promise.all([this.#hash(this.#keys.running), this.epochs()])
    return Object.entries(holders).map(([field, text]) => {
      const [attempt = '', worker = '', beatAt] = text.split('|')
      const index = Number(field)
      return {
        index,
        attempt: unescaped(attempt),
        worker: unescaped(worker),
        beatAt: Number(beatAt),
        epoch: epochs.get(index) ?? 0,
      }
    })
  }

  async begin({ index, attempt, worker, budget, now }: BeginRequest): Promise<BeginResult> {
    const args = [index, escaped(attempt), escaped(worker), budget, now]
    const reply = beginReply.parse(this.#known(index, await this.#begins.add(args)))
    if (reply[0] !== 'begun' && reply[0] !== 'exhausted' && reply[0] !== 'committed') {
      return { outcome: reply[0], epoch: reply[1] }
    }
    const [outcome, epoch, spent, oldAttempts, oldWorkers] = reply
    const workers = oldWorkers.split(',')
    const superseded = oldAttempts
      .split(',')
      .filter((old) => old !== '')
      .map((old, i) => ({ index, epoch, attempt: unescaped(old), worker: unescaped(workers[i] ?? '') }))
    return { outcome, epoch, spent, superseded }
  }

  async settle(request: Parameters<Ledger['settle']>[0]): Promise<SettleResult> {
    const { index, attempt, epoch, settlement, trial } = request
    const target = configurationStates.indexOf(settlement === 'handed-back' ? 'pending' : settlement)
    const counted = settlement === 'handed-back' ? undefined : trial
    const failure = counted?.fingerprint === undefined ? undefined : counted
    const tried = [counted ? escaped(counted.host) : '', failure ? escaped(failure.fingerprint) : '']
    const args = [index, escaped(attempt), epoch, settlement, target, ...tried, failure?.blamesHost ? 1 : 0]
    const reply = settleReply.parse(this.#known(index, await this.#settlements.add(args)))
    const [outcome, open, revision, inARow, onHost] = reply
    const noted = inARow !== undefined && onHost !== undefined && { inARow, onHost }
    return { outcome, open, revision, ...(noted && { noted }) }
  }

  async reopen({ index, epoch }: { index: number; epoch: number }): Promise<'reopened' | 'stale'> {
    return reopenReply.parse(await this.#transition(ledgerScripts.reopen, index, [index, epoch]))[0]
  }

  async select({ indices, as }: { indices: readonly number[]; as: 'pending' | 'cancelled' }): Promise<number> {
    let changed = 0
    for (let from = 0; from === 0 || from < indices.length; from += selectedAtOnce) {
      const some = indices.slice(from, from + selectedAtOnce)
      changed += selectReply.parse(await this.#script(ledgerScripts.select, [as, ...some]))[1]
    }
    return changed
  }

  async repeatRunning(attempts: readonly RunningAttempt[], now: number): Promise<number[]> {
    const args = attempts.flatMap(({ index, attempt, epoch, worker }) => [
      index,
      escaped(attempt),
      epoch,
      escaped(worker),
    ])
    return repeatReply.parse(await this.#script(ledgerScripts.repeatRunning, [now, ...args]))[1]
  }

  async takeBack({ index, attempt, olderThan }: Parameters<Ledger['takeBack']>[0]): Promise<boolean> {
    const reply = await this.#transition(ledgerScripts.takeBack, index, [index, escaped(attempt), olderThan])
    return takeBackReply.parse(reply)[0] === 'taken'
  }

  async markMerged({ revision, instance }: Parameters<Ledger['markMerged']>[0]): Promise<void> {
    await this.#script(ledgerScripts.markMerged, [revision, instance])
  }

  async trials(): Promise<Trials> {
    const { meta, hosts } = this.#keys
    const fields = ['instance', 'good', 'bad', 'best', 'row'] as const
    const replies = await this.#ask(() =>
      this.#redis
        .multi()
        .hmget(meta, ...fields)
        .hgetall(hosts)
        .exec(),
    )
    const [[, [instance, ...texts]], [, streaks]] = trialsReply.parse(replies)
    if (instance === null) throw ledgerAbsent(this.sweep)
    return trialsOfTexts(texts, streaks)
  }

  async forgetRow(): Promise<void> {
    await this.#script(ledgerScripts.forgetRow, [])
  }

  async setAside(hosts: readonly string[]): Promise<void> {
    await this.#script(ledgerScripts.setAside, hosts.map(escaped))
  }

  async isSetAside(host: string): Promise<boolean> {
    const { meta, hosts } = this.#keys
    const replies = await this.#ask(() => this.#redis.multi().exists(meta).hget(hosts, escaped(host)).exec())
    const [[, isThere], [, text]] = asideReply.parse(replies)
    if (isThere === 0) throw ledgerAbsent(this.sweep)
    return isAsideText(text ?? '')
  }

  async owedBy(host: string): Promise<OwedAttempts> {
    const { failed, hosts } = this.#keys
    const [fields, streaks] = [await this.#hash(failed), await this.#hash(hosts)]
    const text = streaks[escaped(host)]
    const mine = text && `,${escaped(host)}:${streakOfText(host, text).id},`
    const indices = Object.keys(fields).filter((index) => mine && fields[index]!.includes(mine))
    const open: number[] = []
    const dead: OwedAttempts['dead'][number][] = []
    for (let from = 0; from < indices.length; from += selectedAtOnce) {
      const some = indices.slice(from, from + selectedAtOnce)
      const reply = owedReply.parse(await this.#script(ledgerScripts.owedBy, [escaped(host), ...some]))
      open.push(...reply[1])
      for (let i = 0; i < reply[2].length; i += 2) dead.push({ index: reply[2][i]!, epoch: reply[2][i + 1]! })
    }
    return { open: open.sort((a, b) => a - b), dead: dead.sort((a, b) => a.index - b.index) }
  }

  async giveBack({ host, indices }: Parameters<Ledger['giveBack']>[0]): Promise<number> {
    let given = 0
    for (let from = 0; from === 0 || from < indices.length; from += selectedAtOnce) {
      const some = indices.slice(from, from + selectedAtOnce)
      given += givenReply.parse(await this.#script(ledgerScripts.giveBack, [escaped(host), ...some]))[1]
    }
    return given
  }

  async remove(): Promise<void> {
    await this.#ask(() => this.#redis.unlink(...Object.values(this.#keys)))
  }

  /** The hash, with LEDGER_ABSENT told from an empty one. */
  async #hash(key: string): Promise<Record<string, string>> {
    const [isThere, fields] = await this.#ask(() =>
      Promise.all([this.#redis.exists(this.#keys.meta), this.#redis.hgetall(key)]),
    )
    if (isThere === 0) throw ledgerAbsent(this.sweep)
    return fields
  }

  /** Runs a script about one configuration. */
  async #transition(script: RedisScript, index: number, args: readonly (string | number)[]): Promise<unknown> {
    return this.#known(index, await this.#script(script, args))
  }

  /** Gathers requests for a script about many configurations, each with the arguments of one. */
  #batchOf(script: RedisScript): ScriptBatch<readonly (string | number)[]> {
    return new ScriptBatch(async (requests) => z.array(z.unknown()).parse(await this.#run(script, requests.flat())))
  }

  async #script(script: RedisScript, args: readonly (string | number | Buffer)[]): Promise<unknown> {
    return this.#there(await this.#run(script, args))
  }

  #run(script: RedisScript, args: readonly (string | number | Buffer)[]): Promise<unknown> {
    return this.#ask(() => runScript(this.#redis, script, { keys: Object.values(this.#keys), args }))
  }

  #known(index: number, reply: unknown): unknown {
    if (isReply(reply, 'unknown')) throw unknownIndex(this.sweep, index)
    return this.#there(reply)
  }

  #there(reply: unknown): unknown {
    if (isReply(reply, 'absent')) throw ledgerAbsent(this.sweep)
    return reply
  }

  async #ask<Reply>(call: () => Promise<Reply>): Promise<Reply> {
    try {
      return await call()
    } catch (error) {
      throw translateRedisError(error) ?? error
    }
  }
}

const isReply = (reply: unknown, outcome: string) => Array.isArray(reply) && reply[0] === outcome

/** The states that Redis counts, with their codes. */
const counted = [...configurationStates.entries()].filter(([, state]) => state !== 'pending' && state !== 'running')

const inOrder = (counts: Readonly<CellCounts>): number[] => counted.map(([, state]) => counts[state])
