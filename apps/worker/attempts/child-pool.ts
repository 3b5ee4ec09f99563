import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ErrorCode } from '@windrow/common/errors/catalogue.ts'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { OptimizerCommand } from '@windrow/common/optimizing/command-optimizers.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import type { ReplyMessage } from '../child/messages.ts'
import { type Child, type ChildEnd, startChild } from './child.ts'
import { createLogTail } from './log-tail.ts'
import { processTree } from './process-tree.ts'
import { readOutput } from './read-output.ts'
import type { AttemptOutcome, AttemptRequest, AttemptRunner } from './runner.ts'

export interface ChildPoolOptions {
  /** Children kept warm: as many as there are slots. */
  readonly size: number
  /** A folder of this worker's own for problems and outputs. */
  readonly scratch: string
  /** Optimizers that are commands, by name. */
  readonly commands: ReadonlyMap<string, OptimizerCommand>
  /** All that children find in their environment: nothing secret. */
  readonly environment: NodeJS.ProcessEnv
  readonly logger: Logger
  /** How often the memory of a process tree is looked at. */
  readonly memoryPollMs?: number
}

/** Node takes a timer that is longer (25 days) for one of a millisecond. */
const longestTimerMs = 2 ** 31 - 1

/**
 * Batch systems end a job by a SIGTERM to every process of it, an optimizer's command as well: an attempt that ends so just
 * before its worker is told to drain has not failed.
 */
const drainGraceMs = 1_000

type Limit = 'timeout' | 'memory' | 'stopped'

/** Runs attempts in a warm pool of child processes. A child that met any fault, or was killed, is replaced. */
export function createChildPool(options: ChildPoolOptions): AttemptRunner {
  const idle: Child[] = []
  let closed = false
  return {
    async run(request, signal) {
      if (signal.aborted || closed) return { kind: 'stopped', log: new Uint8Array() }
      const folder = await attemptFolder(options.scratch)
      if ('kind' in folder) return folder
      const child = idle.pop() ?? (await startChild(options.environment))
      let healthy = false
      try {
        const ran = await runOn(child, request, { options, signal, folder: folder.path })
        healthy = ran.healthy
        return ran.outcome
      } finally {
        if (healthy && !closed && idle.length < options.size) idle.push(child)
        else await child.kill()
        await rm(folder.path, { recursive: true, force: true }).catch((error) =>
          options.logger.warn({ err: error }, `cannot remove ${folder.path}`),
        )
      }
    },
    async close() {
      closed = true
      await Promise.all(idle.splice(0).map((child) => child.kill()))
    },
  }
}

/** A folder for one attempt. A disk that is full fails the attempt with a cause that says so. */
async function attemptFolder(scratch: string): Promise<{ path: string } | (Failure & { log: Uint8Array })> {
  try {
    await mkdir(scratch, { recursive: true, mode: 0o700 })
    return { path: await mkdtemp(join(scratch, 'attempt-')) }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    const message = `the disk of ${scratch} is full`
    return { kind: 'failed', code: 'DISK_FULL', message, canHeal: true, log: new Uint8Array() }
  }
}

async function runOn(
  child: Child,
  request: AttemptRequest,
  { options, signal, folder }: { options: ChildPoolOptions; signal: AbortSignal; folder: string },
): Promise<{ outcome: AttemptOutcome; healthy: boolean }> {
  const outputPath = join(folder, 'result.h5')
  const log = createLogTail()
  child.setLog(log.write)
  const watch = watchLimits(child, request, { signal, pollMs: options.memoryPollMs ?? 500 })
  try {
    const reply = await child.run({
      problem: request.problem,
      configurationDigest: request.configurationDigest,
      outputPath,
      problemPath: join(folder, 'problem.json'),
      command: options.commands.get(request.problem.optimizer.name),
      heapMegabytes: request.memoryBytes && Math.ceil(request.memoryBytes / 2 ** 20),
    })
    if (reply.kind === 'failed' && reply.wasAskedToEnd) await systemClock.sleep(drainGraceMs, signal)
    const trace = { peakMemoryBytes: watch.peakBytes(), log: log.bytes() }
    const limit = watch.limitMet()
    if (limit === 'stopped') return { outcome: { kind: 'stopped', ...trace }, healthy: false }
    if (limit) return { outcome: { ...limitFailure(limit, request), ...trace }, healthy: false }
    if (reply.kind === 'done')
      return { outcome: { kind: 'output', bytes: await readOutput(outputPath), ...trace }, healthy: true }
    return {
      outcome: { ...withLastWords(failureOf(reply), trace.log), ...trace },
      healthy: reply.kind === 'failed' && reply.code !== 'ATTEMPT_MEMORY',
    }
  } finally {
    watch.stop()
  }
}

/** Kills the child's tree when a limit is met; the run then resolves with the child's end, and `limitMet` says why. */
function watchLimits(
  child: Child,
  request: AttemptRequest,
  { signal, pollMs }: { signal: AbortSignal; pollMs: number },
): { limitMet(): Limit | undefined; peakBytes(): number; stop(): void } {
  let met: Limit | undefined
  let peak = 0
  const meet = (limit: Limit) => {
    if (met) return
    met = limit
    // The run hears of the child's end; a kill that fails leaves it running, and that must not stay silent.
    child.kill().catch((error) => console.error(`cannot end process ${child.pid}: ${messageOf(error)}`))
  }
  const onStop = () => meet('stopped')
  signal.addEventListener('abort', onStop, { once: true })
  if (signal.aborted) onStop()
  const look = async () => {
    const { residentBytes } = await processTree(child.pid)
    peak = Math.max(peak, residentBytes)
    if (request.memoryBytes !== undefined && residentBytes > request.memoryBytes) meet('memory')
  }
  const poll = setInterval(() => void look().catch((error) => console.error(messageOf(error))), pollMs)
  const timer =
    request.timeoutMs === undefined
      ? undefined
      : setTimeout(() => meet('timeout'), Math.min(request.timeoutMs, longestTimerMs))
  return {
    limitMet: () => met,
    peakBytes: () => peak,
    stop() {
      clearInterval(poll)
      clearTimeout(timer)
      signal.removeEventListener('abort', onStop)
    },
  }
}

type Failure = {
  kind: 'failed'
  code: 'ATTEMPT_TIMEOUT' | 'ATTEMPT_MEMORY' | 'ATTEMPT_KILLED' | 'DISK_FULL'
  message: string
  canHeal: boolean
}

function limitFailure(limit: 'timeout' | 'memory', request: AttemptRequest): Failure {
  return limit === 'timeout'
    ? {
        kind: 'failed',
        code: 'ATTEMPT_TIMEOUT',
        message: `ran longer than ${request.timeoutMs! / 1000} s`,
        canHeal: true,
      }
    : {
        kind: 'failed',
        code: 'ATTEMPT_MEMORY',
        message: `its processes used more than ${Math.round(request.memoryBytes! / 2 ** 20)} MiB`,
        canHeal: true,
      }
}

function failureOf(
  reply: Exclude<ReplyMessage, { kind: 'done' }> | ChildEnd,
): Failure | Extract<ReplyMessage, { kind: 'failed' }> {
  if (reply.kind === 'failed') return reply
  if (reply.kind === 'ready') throw new Error('a child process said that it is ready twice')
  const how = reply.signal ? `was ended by ${reply.signal}` : `ended with status ${reply.status}`
  return { kind: 'failed', code: 'ATTEMPT_KILLED', message: `the process of the attempt ${how}`, canHeal: true }
}

/** What an optimizer printed last is the cause as its author would tell it: `MemoryError`, `no convergence`. */
function withLastWords<Failed extends { code: ErrorCode; message: string }>(failure: Failed, log: Uint8Array): Failed {
  const lines = new TextDecoder().decode(log.subarray(-4096)).trimEnd().split('\n')
  const words = (lines.at(-1) ?? '').trim().slice(0, 300)
  if (failure.code !== 'OPTIMIZER_FAILED' || words === '' || failure.message.includes(words)) return failure
  return { ...failure, message: `${failure.message}: ${words}` }
}
