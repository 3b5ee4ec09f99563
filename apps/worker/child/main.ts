import { runCommand } from './command.ts'
import type { ReplyMessage, RunMessage } from './messages.ts'
import { createOptimizerThread } from './optimizer-thread-host.ts'

/**
 * A child process of the worker. Its main thread only watches, so that it ends with its worker even while an optimizer
 * computes: the worker's end of the channel closes, whatever became of the worker.
 */
const runBuiltIn = createOptimizerThread()

let group: number | undefined
process.on('disconnect', endNow)
// A terminal sends its Ctrl-C to everybody, a batch system its SIGTERM: the worker decides what becomes of its children.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)

const host = {
  environment: process.env,
  onGroup: (started: number) => {
    group = started
  },
  onEnd: () => {
    // What the command leaves running would count for nobody; and its number may soon be that of another group.
    endGroup()
    group = undefined
  },
}

process.on('message', (message: RunMessage) => {
  const run = message.command ? runCommand(message, message.command, host) : runBuiltIn(message)
  run.then(reply, (error: unknown) => {
    console.error(error)
    // Whatever state this process is in, the worker replaces it.
    process.exit(1)
  })
})

reply({ kind: 'ready' })

function reply(message: ReplyMessage): void {
  if (process.connected) process.send!(message)
}

function endNow(): void {
  endGroup()
  process.exit(1)
}

function endGroup(): void {
  try {
    if (group !== undefined) process.kill(-group, 'SIGKILL')
  } catch (error) {
    // The command has ended already.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') console.error(error)
  }
}
