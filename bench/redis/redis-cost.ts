import type { Redis } from 'ioredis'

/** What Redis has used so far. */
export interface RedisCost {
  /** Processor time of all its threads, user and system, microseconds. */
  readonly cpuUs: number
  /** Calls and their time inside Redis, by command; a script's time holds that of the commands it runs. */
  readonly commands: ReadonlyMap<string, { readonly calls: number; readonly us: number }>
  readonly memoryBytes: number
}

export async function redisCost(redis: Redis): Promise<RedisCost> {
  const [cpu, stats, memory] = await Promise.all([redis.info('cpu'), redis.info('commandstats'), redis.info('memory')])
  const seconds = field(cpu, 'used_cpu_sys') + field(cpu, 'used_cpu_user')
  const commands = [...stats.matchAll(/^cmdstat_([^:]+):calls=(\d+),usec=(\d+)/gm)].map(
    ([, name, calls, us]) => [name!, { calls: Number(calls), us: Number(us) }] as const,
  )
  return { cpuUs: seconds * 1e6, commands: new Map(commands), memoryBytes: field(memory, 'used_memory') }
}

/** Time inside the scripts between two readings, microseconds: the rest of the processor time is the network's. */
export function scriptUs(before: RedisCost, after: RedisCost): number {
  const inScripts = ({ commands }: RedisCost) =>
    ['eval', 'evalsha'].reduce((sum, name) => sum + (commands.get(name)?.us ?? 0), 0)
  return inScripts(after) - inScripts(before)
}

function field(information: string, name: string): number {
  const found = new RegExp(`^${name}:([\\d.]+)`, 'm').exec(information)?.[1]
  if (found === undefined) throw new Error(`INFO says nothing of ${name}`)
  return Number(found)
}
