import { fileURLToPath } from 'node:url'
import { lastLines, runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/**
 * What of the machine's parts is there, asked of the very code that uses them later; that is TypeScript, so it runs in
 * the Node 24 found before.
 */
export async function probe({ root, environment }, { node, tests }) {
  const script = fileURLToPath(new URL('report-parts.mjs', import.meta.url))
  const { status, output } = await runCommand(node, [script, root, ...(tests ? ['--tests'] : [])], {
    cwd: root,
    environment,
  })
  if (status !== 0) throw new SetupError('the set-up cannot look at this machine', lastLines(output))
  return JSON.parse(lastLines(output, 1)[0])
}
