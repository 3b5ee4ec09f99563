import {
  type ClusterLeader,
  describeLeader,
  readLeader,
  removeLeader,
  writeLeader,
} from '@windrow/common/cluster/cluster-file.ts'
import { isAlive } from '@windrow/common/configuration/context.ts'
import { isWindrowError, messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { openAuthenticatedSocket } from '@windrow/common/redis/authenticated-socket.ts'
import type { Clock } from '@windrow/common/time/clock.ts'

export interface LeadPorts {
  readonly clock: Clock
  /** Told what a person should know. */
  readonly say: (line: string) => void
}

export interface ClusterLead {
  /** Aborts when another leader has taken over. */
  readonly lost: AbortSignal
  /** Leads no longer: workers that come now wait for the next leader. */
  release(): Promise<void>
}

/** So long the leader before may take to end: a batch system starts a job again before all of it is gone. */
const patienceMs = 15_000
const answerWithinMs = 3_000
const lookEveryMs = 2_000

/**
 * Makes sure that nobody leads the cluster of a store, waiting for one that is about to end: two would run everything twice.
 * One whose Redis does not answer is gone. Throws DIRECTORY_LOCKED.
 */
export async function awaitNoLeader(storeUrl: string, host: string, { clock, say }: LeadPorts): Promise<void> {
  const deadline = clock.now() + patienceMs
  for (let told = false; ; told = true) {
    const leader = await readLeader(storeUrl)
    if (!leader || !(await answers(leader, host))) return
    if (clock.now() >= deadline) throw isLed(leader, storeUrl)
    if (!told) say(`Waiting for ${describeLeader(leader)} to end.`)
    await clock.sleep(500)
  }
}

/**
 * Says in the store that this run leads its cluster, and keeps an eye on it: it says so again when the word was taken away,
 * and gives way when another leader has put his in its place.
 */
export async function leadCluster(storeUrl: string, leader: ClusterLeader, ports: LeadPorts): Promise<ClusterLead> {
  await writeLeader(storeUrl, leader)
  const lost = new AbortController()
  const released = new AbortController()
  const watching = watch(storeUrl, leader, { ...ports, lost, released: released.signal })
  return {
    lost: lost.signal,
    async release() {
      released.abort()
      await watching
      try {
        await removeLeader(storeUrl, leader)
      } catch (error) {
        // Whoever leads next finds that nobody answers there.
        ports.say(`cannot take ${storeUrl}/cluster.json away: ${messageOf(error)}`)
      }
    },
  }
}

async function watch(
  storeUrl: string,
  leader: ClusterLeader,
  { clock, say, lost, released }: LeadPorts & { lost: AbortController; released: AbortSignal },
): Promise<void> {
  for (;;) {
    await clock.sleep(lookEveryMs, released)
    if (released.aborted) return
    try {
      const present = await readLeader(storeUrl)
      if (!present) await writeLeader(storeUrl, leader)
      if (!present || present.id === leader.id) continue
      say(`${describeLeader(present)} has taken over; this run gives way.`)
      return lost.abort()
    } catch (error) {
      // The run itself says that its store is away; the next look comes soon.
      if (!isWindrowError(error)) say(`cannot see who leads: ${messageOf(error)}`)
    }
  }
}

async function answers(leader: ClusterLeader, host: string): Promise<boolean> {
  if (leader.host === host && !isAlive(leader.pid)) return false
  try {
    const socket = await openAuthenticatedSocket(leader.redis, answerWithinMs)
    socket.destroy()
    return true
  } catch {
    // Refused, silent, or somebody else's by now: its leader is gone.
    return false
  }
}

function isLed(leader: ClusterLeader, storeUrl: string): WindrowError {
  return new WindrowError('DIRECTORY_LOCKED', {
    message: `${describeLeader(leader)} leads the cluster of ${storeUrl}`,
    context: { store: storeUrl, host: leader.host, pid: leader.pid, sweep: leader.sweep },
    next: `Join it with windrow worker --store ${storeUrl}, wait for its end, or use another store.`,
  })
}
