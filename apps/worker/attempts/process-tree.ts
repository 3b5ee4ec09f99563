import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const execute = promisify(execFile)

export interface ProcessTree {
  readonly pids: readonly number[]
  /** Resident memory of all of them, bytes; pages they share are counted once for each. */
  readonly residentBytes: number
}

/**
 * A process and its descendants with their resident memory: from /proc on Linux, from `ps` elsewhere. A process that
 * ends while it is looked at counts as nothing.
 */
export async function processTree(root: number): Promise<ProcessTree> {
  return process.platform === 'linux' ? await fromProc(root) : await fromPs(root)
}

/** Kills a process and everything below it, deepest last seen first, so that nobody is adopted by init on the way. */
export async function killTree(root: number): Promise<void> {
  const { pids } = await processTree(root)
  for (const pid of [...pids].reverse()) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
}

async function fromProc(root: number): Promise<ProcessTree> {
  const pids: number[] = []
  let residentBytes = 0
  const ahead = [root]
  for (let pid = ahead.shift(); pid !== undefined; pid = ahead.shift()) {
    const resident = /^VmRSS:\s+(\d+) kB$/m.exec(await readIfThere(`/proc/${pid}/status`))
    if (!resident && pid !== root) continue
    pids.push(pid)
    residentBytes += Number(resident?.[1] ?? 0) * 1024
    // Every thread has the children that it has started.
    for (const thread of await threadsOf(pid)) {
      const children = await readIfThere(`/proc/${pid}/task/${thread}/children`)
      ahead.push(...children.split(' ').filter(Boolean).map(Number))
    }
  }
  return { pids, residentBytes }
}

const threadsOf = (pid: number) => unlessGone(() => readdir(`/proc/${pid}/task`), [])

const readIfThere = (path: string) => unlessGone(() => readFile(path, 'utf8'), '')

async function unlessGone<Found>(look: () => Promise<Found>, otherwise: Found): Promise<Found> {
  try {
    return await look()
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return otherwise
    throw error
  }
}

async function fromPs(root: number): Promise<ProcessTree> {
  const { stdout } = await execute('ps', ['-axo', 'pid=,ppid=,rss='])
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
  const childrenOf = Map.groupBy(rows, (row) => row[1]!)
  const pids: number[] = []
  let residentBytes = 0
  const ahead = rows.filter((row) => row[0] === root)
  for (let row = ahead.shift(); row; row = ahead.shift()) {
    pids.push(row[0]!)
    residentBytes += row[2]! * 1024
    ahead.push(...(childrenOf.get(row[0]!) ?? []))
  }
  return { pids, residentBytes }
}
