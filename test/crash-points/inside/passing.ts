import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { join } from 'node:path'
import { type CrashMode, fileOf } from '../modes.ts'

// Kept from before the functions of node:fs are wrapped themselves.
const { appendFileSync, existsSync, readFileSync, renameSync, writeFileSync } = fs

let service = ''
let folder = ''

/** Says which service this is, and where the points are that it is to stop at. */
export function beginPassing(ofService: string, inFolder: string): void {
  service = ofService
  folder = inFolder
}

/** Inside the call of a point: what a port does is one side effect, whatever it consists of. */
const inside = new AsyncLocalStorage<string>()

/** True within the call of a point. */
export const isInside = () => inside.getStore() !== undefined

/** Calls what has no side effect of its own, whatever it sends. */
export const within = <Result>(what: string, call: () => Result): Result => inside.run(what, call)

/** A side effect about to happen. */
export interface SideEffect<Result> {
  /** The point without its service: `ledger.begin`. */
  readonly operation: string
  readonly call: () => Result
  /** What is thrown instead of the result when the call is to be reported as failed. */
  readonly failure: () => Error
  /** Whether this result is worth stopping at: a job that was taken, not that there was none. */
  readonly matters?: (result: Awaited<Result>) => boolean
}

/** Passes a point: dies before the call, or after it, or reports a call that was executed as failed, when that is armed. */
export async function pass<Result>(effect: SideEffect<Promise<Result>>): Promise<Result> {
  if (isInside()) return await effect.call()
  const point = `${service}.${effect.operation}`
  note('reached', point)
  const { matters = () => true } = effect
  if (armed(point) === 'killed before' && claim(point, 'killed before')) die()
  const result = await inside.run(point, effect.call)
  const mode = armed(point)
  if (mode === undefined || mode === 'killed before' || !matters(result as Awaited<Promise<Result>>)) return result
  if (!claim(point, mode)) return result
  if (mode === 'killed after') die()
  if (mode === 'answered late') await untilLetGo(point)
  else throw effect.failure()
  return result
}

/** The same for a call that does not wait. */
export function passSync<Result>(effect: SideEffect<Result>): Result {
  if (isInside()) return effect.call()
  const point = `${service}.${effect.operation}`
  note('reached', point)
  if (armed(point) === 'killed before' && claim(point, 'killed before')) die()
  const result = inside.run(point, effect.call)
  const mode = armed(point)
  if (mode === 'killed after' && claim(point, mode)) die()
  if (mode === 'reported as failed' && claim(point, mode)) throw effect.failure()
  return result
}

/** Tells of a change that no point stands for. */
export function tellUnnamed(what: string): void {
  // A script may be sent as a whole, and this is to be the name of a file.
  note('unnamed', `${service}.${what.slice(0, 60)}`, new Error(what).stack)
}

/** A line for the test, of what really happened here. */
export function witness(line: string): void {
  // Node appends by writing, and that has a name.
  within('witness', () => appendFileSync(join(folder, 'witness.log'), `${line}\n`))
}

const noted = new Set<string>()

function note(kind: 'reached' | 'unnamed', point: string, text = ''): void {
  if (noted.has(`${kind} ${point}`)) return
  noted.add(`${kind} ${point}`)
  writeFileSync(join(folder, kind, fileOf(point)), text)
}

function armed(point: string): CrashMode | 'answered late' | undefined {
  const path = join(folder, 'armed', fileOf(point))
  // Looked at first: an exception for every call would cost more than the calls.
  if (!existsSync(path)) return undefined
  try {
    return readFileSync(path, 'utf8') as CrashMode
  } catch (error) {
    // Somebody else was quicker to claim it.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** True for one process only. */
function claim(point: string, mode: CrashMode | 'answered late'): boolean {
  try {
    renameSync(join(folder, 'armed', fileOf(point)), join(folder, 'fired', fileOf(point, mode)))
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function die(): never {
  process.kill(process.pid, 'SIGKILL')
  // Not a step further, should the signal take a moment.
  for (;;) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

async function untilLetGo(point: string): Promise<void> {
  while (!existsSync(join(folder, 'let-go', fileOf(point)))) await new Promise((resolve) => setTimeout(resolve, 10))
}
