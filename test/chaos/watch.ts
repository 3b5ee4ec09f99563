import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import type { Redis } from 'ioredis'
import type { ChaosSweep } from './sweep.ts'

/** A commit as it was when it was first seen. */
export interface SeenCommit {
  readonly etag: string
  readonly modifiedAt: number
  readonly seenAt: number
}

/** An attempt that was seen to run, or that somebody spoke of. */
export interface SeenAttempt {
  readonly key: string
  readonly attempt: string
  readonly worker: string
  readonly firstSeenAt: number
  lastSeenAt: number
}

/** Looks at store and ledger all the time, past all proxies. */
export interface Watch {
  readonly commits: ReadonlyMap<string, SeenCommit>
  /** Commits that were seen to be other bytes than before. */
  readonly replaced: ReadonlyMap<string, string>
  readonly attempts: ReadonlyMap<string, SeenAttempt>
  /** The part of the configurations that have come to an end at least once. */
  readonly progress: number
  /** Configurations that are neither committed nor dead nor cancelled, by the ledger; undefined while there is none. */
  readonly open: number | undefined
  /** What was running at the last look, of one worker process or of all. */
  runningKeys(pid?: number): string[]
  note(attempt: { key: string; attempt: string; worker: string }): void
  stop(): Promise<void>
}

export interface Watched {
  readonly redis: Redis
  readonly client: S3Client
  readonly bucket: string
  readonly prefix: string
  readonly sweep: ChaosSweep
}

const lookAtLedgerEveryMs = 80
const lookAtStoreEveryMs = 800

export function openWatch(watched: Watched): Watch {
  const seen = {
    commits: new Map<string, SeenCommit>(),
    replaced: new Map<string, string>(),
    attempts: new Map<string, SeenAttempt>(),
    running: [] as SeenAttempt[],
    ended: new Set<string>(),
    open: undefined as number | undefined,
  }
  const stopping = new AbortController()
  const loops = [
    repeat(() => lookAtLedger(watched, seen), lookAtLedgerEveryMs, stopping.signal),
    repeat(() => lookAtStore(watched, seen), lookAtStoreEveryMs, stopping.signal),
  ]
  const ends = watched.sweep.keys.length - Object.values(watched.sweep.destinies).filter((d) => d === 'missing').length
  return {
    commits: seen.commits,
    replaced: seen.replaced,
    attempts: seen.attempts,
    get progress() {
      return seen.ended.size / ends
    },
    get open() {
      return seen.open
    },
    runningKeys: (pid) =>
      seen.running.filter(({ worker }) => pid === undefined || worker.endsWith(`/${pid}`)).map(({ key }) => key),
    note: ({ key, attempt, worker }) => void seeAttempt(seen.attempts, { key, attempt, worker }),
    async stop() {
      stopping.abort()
      await Promise.all(loops)
    },
  }
}

interface Seen {
  readonly commits: Map<string, SeenCommit>
  readonly replaced: Map<string, string>
  readonly attempts: Map<string, SeenAttempt>
  running: SeenAttempt[]
  readonly ended: Set<string>
  open: number | undefined
}

function seeAttempt(attempts: Map<string, SeenAttempt>, seen: { key: string; attempt: string; worker: string }) {
  const now = Date.now()
  const known = attempts.get(seen.attempt) ?? { ...seen, firstSeenAt: now, lastSeenAt: now }
  known.lastSeenAt = now
  attempts.set(seen.attempt, known)
  return known
}

/** Redis is away for a while now and then; whoever asks waits with the others, and looks again. */
async function lookAtLedger({ redis, sweep }: Watched, seen: Seen): Promise<void> {
  const [entries, open] = await Promise.all([
    redis.hgetall(`windrow:{${sweep.name}}:running`),
    redis.hget(`windrow:{${sweep.name}}:meta`, 'open'),
  ])
  seen.open = open === null ? undefined : Number(open)
  seen.running = Object.entries(entries).flatMap(([index, text]) => {
    const [attempt = '', worker = '', , , earlier = '', earlierWorkers = ''] = text.split('|').map(decodeURIComponent)
    const key = sweep.keys[Number(index)]!
    const workers = earlierWorkers.split(',')
    for (const [n, lost] of earlier.split(',').entries()) {
      if (lost !== '') seeAttempt(seen.attempts, { key, attempt: lost, worker: workers[n] ?? '' })
    }
    return [seeAttempt(seen.attempts, { key, attempt, worker })]
  })
}

async function lookAtStore({ client, bucket, prefix, sweep }: Watched, seen: Seen): Promise<void> {
  const folder = `${prefix}sweeps/${sweep.name}/`
  for (const part of ['results/', 'dead/']) {
    let ContinuationToken: string | undefined
    do {
      const page = await client.send(
        new ListObjectsV2Command({ Bucket: bucket, Prefix: folder + part, ContinuationToken }),
      )
      for (const { Key = '', ETag = '', LastModified } of page.Contents ?? []) {
        const name = Key.slice(folder.length)
        seen.ended.add(name.slice(part.length).replace(/\.\d+\.\w+$/, ''))
        if (part === 'dead/') continue
        const known = seen.commits.get(name)
        if (!known) {
          seen.commits.set(name, { etag: ETag, modifiedAt: LastModified?.getTime() ?? 0, seenAt: Date.now() })
        } else if (known.etag !== ETag || known.modifiedAt !== LastModified?.getTime()) seen.replaced.set(name, ETag)
      }
      ContinuationToken = page.NextContinuationToken
    } while (ContinuationToken !== undefined)
  }
}

async function repeat(look: () => Promise<void>, everyMs: number, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    // A Redis that is being started again answers with errors; the next look sees more.
    await look().catch(() => undefined)
    await new Promise((resolve) => setTimeout(resolve, everyMs))
  }
}
