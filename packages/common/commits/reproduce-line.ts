import { builtInOptimizers } from '../sweep/specification.ts'

/** The command that runs a configuration again: here and now for a built-in optimizer, by a worker that has it for others. */
export function reproduceLine({ sweep, key, optimizer }: { sweep: string; key: string; optimizer: string }): string {
  const builtIn = (builtInOptimizers as readonly string[]).includes(optimizer)
  return builtIn ? `windrow optimize ${sweep} ${key}` : `windrow rerun ${sweep} key=${key}`
}
