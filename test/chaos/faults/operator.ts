import { fileURLToPath } from 'node:url'
import { runToEnd } from '../../fixtures/run-to-end.ts'
import type { Field } from '../field.ts'
import { pause } from '../pause.ts'

/** A command that somebody gave, and how it ended. */
export interface Command {
  readonly args: readonly string[]
  readonly status: number | null
  /** The merged file that it was to bring home. */
  readonly output?: string
  /** The shortfall that was declared to be allowed. */
  readonly tolerance?: number
}

export interface Operator {
  readonly commands: readonly Command[]
  /** Gives a command once; what it printed goes into the journal when it fails. */
  give(args: readonly string[], facts?: Pick<Command, 'output' | 'tolerance'>): Promise<Command>
  /** Gives a command again until it ends with one of these statuses, as people do. */
  insist(
    args: readonly string[],
    options: { signal: AbortSignal; until?: readonly number[] } & Pick<Command, 'output' | 'tolerance'>,
  ): Promise<Command>
}

const windrow = fileURLToPath(new URL('../../../bin/windrow', import.meta.url))

export function operatorOf(field: Pick<Field, 'folder' | 'journal' | 'environment'>): Operator {
  const commands: Command[] = []
  const give: Operator['give'] = async (args, facts = {}) => {
    const ended = await runToEnd(windrow, args, { environment: field.environment(), folder: field.folder })
    const command = { args, status: ended.status, ...facts }
    commands.push(command)
    const said = ended.status === 0 ? {} : { said: `${ended.stdout}${ended.stderr}`.slice(-600) }
    field.journal.note('a command ended', { command: args.join(' '), status: ended.status, ...said })
    return command
  }
  return {
    commands,
    give,
    async insist(args, { signal, until = [0], ...facts }) {
      for (;;) {
        const command = await give(args, facts)
        if (until.includes(command.status ?? -1) || signal.aborted) return command
        await pause(500, signal)
      }
    },
  }
}

/** Somebody looks at something else for a second. */
export async function pauseAndResume(
  { journal, sweep, chance }: Pick<Field, 'journal' | 'sweep' | 'chance'>,
  operator: Operator,
  signal: AbortSignal,
): Promise<void> {
  const dose = journal.dose('operator pauses and resumes')
  await operator.insist(['pause', sweep.name], { signal })
  await pause(chance.between(200, 800), signal)
  await operator.insist(['resume', sweep.name], { signal })
  dose.caught = true
}

/** A result that somebody does not like is run again, in its next epoch. */
export async function rerunResult(
  { journal, sweep }: Pick<Field, 'journal' | 'sweep'>,
  { operator, key, signal }: { operator: Operator; key: string; signal: AbortSignal },
): Promise<void> {
  const dose = journal.dose('operator reruns a result', { key }, [key])
  const args = ['rerun', sweep.name, `key=${key}`, '--force', '--reason', 'chaos']
  dose.caught = (await operator.insist(args, { signal })).status === 0
}
