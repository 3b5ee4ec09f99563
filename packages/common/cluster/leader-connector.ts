import { Socket } from 'node:net'
import { AbstractConnector } from 'ioredis'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { openAuthenticatedSocket } from '../redis/authenticated-socket.ts'
import { type ClusterLeader, describeLeader, readLeader } from './cluster-file.ts'

const connectTimeoutMs = 5_000

/** A connection to a host that vanished without a word stays open: it is looked this often whether another one leads. */
export const lookForAnotherEveryMs = 2_000

/**
 * How an ioredis client finds the Redis of a cluster's leader: at every try to connect it asks the store who that is. So
 * it, and every duplicate of it, follows a leader that moves. While there is none it fails with the reason, and the
 * client tries again as in any outage.
 */
export function leaderConnector(storeUrl: string) {
  return class LeaderConnector extends AbstractConnector {
    constructor() {
      super(disconnectTimeoutMs)
    }

    override async connect(): Promise<Socket> {
      this.connecting = true
      delete this.firstError
      try {
        const leader = await presentLeader(storeUrl)
        const socket = await openSocket(leader)
        // Ended meanwhile.
        if (!this.connecting) return socket.destroy()
        this.stream = socket
        leaveForAnother(socket, leader, storeUrl)
        return socket
      } catch (error) {
        this.firstError = error instanceof Error ? error : new Error(String(error))
        // A rejection would end the client for good; a socket that is closed already makes it try again.
        return new Socket().destroy()
      }
    }
  }
}

const disconnectTimeoutMs = 250

async function presentLeader(storeUrl: string): Promise<ClusterLeader> {
  const leader = await readLeader(storeUrl)
  if (leader) return leader
  throw new WindrowError('REDIS_UNAVAILABLE', {
    message: `Nobody leads the cluster of ${storeUrl}: there is no cluster.json in it.`,
    next: `Start one, with windrow run SPEC --listen --store ${storeUrl}`,
  })
}

async function openSocket(leader: ClusterLeader): Promise<Socket> {
  try {
    return await openAuthenticatedSocket(leader.redis, connectTimeoutMs)
  } catch (error) {
    throw new WindrowError('REDIS_UNAVAILABLE', {
      message: `${describeLeader(leader)} does not answer: ${messageOf(error)}.`,
      cause: error,
      next: 'If it is gone for good, start another one (windrow run SPEC --listen), or remove cluster.json from the store.',
    })
  }
}

/** Breaks the connection when another leader has taken over; the client then connects to that one. */
function leaveForAnother(socket: Socket, { id }: ClusterLeader, storeUrl: string): void {
  const look = async () => {
    // A store that is away for a moment says nothing of leaders; who needs the store hears of it.
    const leader = await readLeader(storeUrl).catch(() => undefined)
    if (leader && leader.id !== id) socket.destroy()
  }
  const timer = setInterval(() => void look(), lookForAnotherEveryMs)
  timer.unref()
  socket.once('close', () => clearInterval(timer))
}
