import { join } from 'node:path'

/** Where a local run keeps everything: `./.windrow/`, or `--dir`. */
export interface LocalDirectory {
  readonly root: string
  readonly store: string
  readonly redis: string
  readonly logs: string
  readonly spool: string
  readonly scratch: string
  /** Held by the one `windrow run` of this directory; holds its process id. */
  readonly lock: string
  /** Written by a running `windrow run`: the URL of its Redis, for other commands. */
  readonly running: string
}

/** The layout of a local directory. */
export function localDirectory(root: string): LocalDirectory {
  return {
    root,
    store: join(root, 'store'),
    redis: join(root, 'redis'),
    logs: join(root, 'logs'),
    spool: join(root, 'spool'),
    scratch: join(root, 'scratch'),
    lock: join(root, 'run.lock'),
    running: join(root, 'running.json'),
  }
}
