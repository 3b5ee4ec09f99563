import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'

const commandsSchema = z.record(
  z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, { error: 'optimizer names are lower-case letters, digits and -' }),
  z.strictObject({ command: z.array(z.string()).min(1) }),
)

/** An optimizer that is a command. */
export interface OptimizerCommand {
  /** Program and arguments. */
  readonly line: readonly string[]
  /** Where it starts: the folder of the file that names it, so that `[python3, optimize.py]` finds its script there. */
  readonly folder: string
}

/**
 * The optimizers of a worker that are commands, from the worker's own file (YAML: `name: {command: [python3, optimize.py]}`);
 * none when there is no file. Jobs and specifications name an optimizer, they never carry a command. USAGE.
 */
export async function readCommandOptimizers(path: string | undefined): Promise<Map<string, OptimizerCommand>> {
  if (path === undefined) return new Map()
  try {
    const commands = commandsSchema.parse(parse(await readFile(path, 'utf8')))
    const folder = dirname(resolve(path))
    return new Map(Object.entries(commands).map(([name, { command }]) => [name, { line: command, folder }]))
  } catch (cause) {
    throw new WindrowError('USAGE', { message: `the optimizers file ${path}: ${messageOf(cause)}`, cause })
  }
}
