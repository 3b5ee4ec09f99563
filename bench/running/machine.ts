import { availableParallelism, cpus } from 'node:os'
import { redisProgram } from '../redis/bench-redis.ts'

export interface Machine {
  readonly cores: number
  readonly processor: string
  readonly node: string
  readonly redis: string
}

export async function thisMachine(): Promise<Machine> {
  const { version } = await redisProgram()
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    node: process.version,
    redis: version,
  }
}
