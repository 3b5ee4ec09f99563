import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import type { OptimizerCommand } from '@windrow/common/optimizing/command-optimizers.ts'
import { programEnvironment } from './child-environment.ts'
import type { ReplyMessage, RunMessage } from './messages.ts'

/**
 * Runs an optimizer that is a command of the worker's configuration. It finds the problem (JSON) at `$WINDROW_PROBLEM`
 * and leaves a result file at `$WINDROW_OUTPUT`, in a folder of the attempt's own; exit status 0 says that it did. It gets nothing else of the worker's
 * environment but what programs need to start. Calls `onGroup` with the command's process group once it runs, `onEnd` when the command itself has ended.
 */
export async function runCommand(
  message: RunMessage,
  { line, folder }: OptimizerCommand,
  host: { environment: NodeJS.ProcessEnv; onGroup: (group: number) => void; onEnd: () => void },
): Promise<ReplyMessage> {
  const problem = { ...message.problem, configurationDigest: message.configurationDigest }
  await writeFile(message.problemPath, `${JSON.stringify(problem)}\n`)
  const [program, ...args] = endingWithParent(line)
  return await new Promise((resolve) => {
    const child = spawn(program!, args, {
      cwd: folder,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: {
        ...programEnvironment(host.environment),
        WINDROW_PROBLEM: message.problemPath,
        WINDROW_OUTPUT: message.outputPath,
      },
      detached: true,
    })
    child.once('spawn', () => host.onGroup(child.pid!))
    child.once('error', (error) => resolve(failure(`cannot start ${line[0]}: ${error.message}`)))
    child.once('exit', (code, signal) => {
      host.onEnd()
      if (code === 0) resolve({ kind: 'done' })
      else {
        const how = signal ? `was ended by ${signal}` : `ended with status ${code}`
        resolve({ ...failure(`${line[0]} ${how}`), wasAskedToEnd: askedToEnd.has(signal ?? code) })
      }
    })
  })
}

/** By the signal itself, or by the status with which shells and careful programs say so. */
const askedToEnd: ReadonlySet<unknown> = new Set(['SIGTERM', 'SIGINT', 128 + 15, 128 + 2])

const setpriv = '/usr/bin/setpriv'

/** On Linux the kernel kills the command when this process dies, even by SIGKILL. */
function endingWithParent(command: readonly string[]): readonly string[] {
  return existsSync(setpriv) ? [setpriv, '--pdeathsig', 'KILL', '--', ...command] : command
}

function failure(message: string) {
  return { kind: 'failed', code: 'OPTIMIZER_FAILED', message, canHeal: true } as const
}
