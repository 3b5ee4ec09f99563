import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '@windrow/common/errors/windrow-error.ts'
import type { Logger } from '@windrow/common/logging/logger.ts'
import type { ReplyMessage } from '../child/messages.ts'
import { type Child, type ChildEnd, startChild } from './child.ts'
import { createLogTail } from './log-tail.ts'
import { processTree } from './process-tree.ts'
import type { AttemptOutcome, AttemptRequest, AttemptRunner } from './runner.ts'

export interface ChildPoolOptions {
  /** Children kept warm: as many as there are slots. */
  readonly size: number
  /** A folder of this worker's own for problems and outputs. */
  readonly scratch: string
  /** Optimizers that are commands, by name. */
  readonly commands: ReadonlyMap<string, readonly string[]>
  readonly logger: Logger
  /** How often the memory of a process tree is looked at. */
  readonly memoryPollMs?: number
}

type Limit = 'timeout' | 'memory' | 'stopped'

/** Runs attempts in a warm pool of child processes. A child that met any fault, or was killed, is replaced. */
export function createChildPool(options: ChildPoolOptions): AttemptRunner {
  const idle: Child[] = []
  let closed = false
  return {
    async run(request, signal) {
      if (signal.aborted || closed) return { kind: 'stopped', log: new Uint8Array() }
      const child = idle.pop() ?? (await startChild())
      const { outcome, healthy } = await runOn(child, request, { options, signal })
      if (healthy && !closed && idle.length < options.size) idle.push(child)
      else await child.kill()
      return outcome
    },
    async close() {
      closed = true
      await Promise.all(idle.splice(0).map((child) => child.kill()))
    },
  }
}

async function runOn(
  child: Child,
  request: AttemptRequest,
  { options, signal }: { options: ChildPoolOptions; signal: AbortSignal },
): Promise<{ outcome: AttemptOutcome; healthy: boolean }> {
  await mkdir(options.scratch, { recursive: true, mode: 0o700 })
  const folder = await mkdtemp(join(options.scratch, 'attempt-'))
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
    const trace = { peakMemoryBytes: watch.peakBytes(), log: log.bytes() }
    const limit = watch.limitMet()
    if (limit === 'stopped') return { outcome: { kind: 'stopped', ...trace }, healthy: false }
    if (limit) return { outcome: { ...limitFailure(limit, request), ...trace }, healthy: false }
    if (reply.kind === 'done')
      return { outcome: { kind: 'output', bytes: await readOutput(outputPath), ...trace }, healthy: true }
    return {
      outcome: { ...failureOf(reply), ...trace },
      healthy: reply.kind === 'failed' && reply.code !== 'ATTEMPT_MEMORY',
    }
  } finally {
    watch.stop()
    await rm(folder, { recursive: true, force: true })
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
  const timer = request.timeoutMs === undefined ? undefined : setTimeout(() => meet('timeout'), request.timeoutMs)
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
  code: 'ATTEMPT_TIMEOUT' | 'ATTEMPT_MEMORY' | 'ATTEMPT_KILLED'
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

/** An optimizer that said it was done and left no file has left an empty output. */
async function readOutput(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return new Uint8Array()
    throw error
  }
}
