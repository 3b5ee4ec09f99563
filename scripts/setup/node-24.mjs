import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'
import { SetupError } from './setup-error.mjs'

/** The path of a Node that runs TypeScript: the one in node_modules, else the one that runs now if it is 24 or newer. */
export async function ensureNode24({ root, say }) {
  const ours = join(root, 'node_modules', '.bin', 'node')
  const version = await versionOf(ours)
  if (version >= 24) return ours
  const present = Number.parseInt(process.versions.node, 10)
  if (present < 24) {
    throw new SetupError(
      `Windrow needs Node 24; this is Node ${process.versions.node}, and npm has none for this platform`,
      [
        'macOS:   brew install node@24 && brew link --overwrite node@24',
        'conda:   conda install -c conda-forge "nodejs>=24"',
        'others:  https://nodejs.org/en/download',
      ],
    )
  }
  if (version === undefined) removeUnusable(ours, say)
  return process.execPath
}

/** npm puts node_modules/.bin before everything else on the PATH: a Node there that does not run (musl) must go. */
function removeUnusable(path, say) {
  try {
    rmSync(path)
  } catch (error) {
    if (error.code === 'ENOENT') return
    throw error
  }
  say(`the Node in node_modules does not run here; using Node ${process.versions.node}`)
}

async function versionOf(node) {
  const { status, output } = await runCommand(node, ['--version'])
  return status === 0 ? Number.parseInt(output.replace(/^v/, ''), 10) : undefined
}
