import { isMainThread } from 'node:worker_threads'

/**
 * For `node --import`: makes the side effects of the service that this process is pass named points. It does nothing in
 * any other process, nor in a thread: what starts a service hands its environment on.
 */
const service = /\/apps\/(producer|worker|merger)\/main\.ts$/.exec(process.argv[1] ?? '')?.[1]
const folder = process.env.WINDROW_CRASH_POINTS

if (isMainThread && service !== undefined && folder !== undefined) {
  const { beginPassing } = await import('./inside/passing.ts')
  beginPassing(service, folder)
  const { nameAdapters } = await import('./inside/name-adapters.ts')
  nameAdapters()
  const { nameCommands } = await import('./inside/name-commands.ts')
  nameCommands()
  const { nameFiles } = await import('./inside/name-files.ts')
  nameFiles()
}
