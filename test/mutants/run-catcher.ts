import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { z } from 'zod'
import type { TestEnd, TestRun } from './judge.ts'
import type { Catcher } from './mutant.ts'
import type { TreeCopy } from './tree-copy.ts'

const endSchema = z.object({
  name: z.string(),
  outcome: z.enum(['passed', 'failed', 'skipped']),
  error: z.object({ name: z.string().optional(), message: z.string() }).optional(),
})

/** Runs the tests of a catcher in the copy. After `limitMs` they and all they started are killed: they hang. */
export async function runCatcher(
  { file, test }: Catcher,
  copy: TreeCopy,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<TestRun> {
  const began = performance.now()
  const report = join(copy.temporary, 'report.jsonl')
  const pattern = test === undefined ? [] : ['--test-name-pattern', test.replace(/[^\w ]/g, '\\$&')]
  const reporter = [
    '--test-reporter',
    join(copy.path, 'test/mutants/tell-tests.mjs'),
    '--test-reporter-destination',
    report,
  ]
  // A bug may leave something open that holds the file up when its tests are over.
  const ending = ['--import', pathToFileURL(join(copy.path, 'scripts/testing/end-leaking-file.mjs')).href]
  const isKilled = await runGroup(['--test', ...ending, ...reporter, ...pattern, file], copy, { limitMs, signal })
  signal.throwIfAborted()
  return { ends: await readEnds(report), hung: isKilled, seconds: (performance.now() - began) / 1000 }
}

/** Runs Node in a process group of its own; true when it had to be killed. */
async function runGroup(
  args: readonly string[],
  { path, temporary }: TreeCopy,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<boolean> {
  const child = spawn(process.execPath, args, {
    cwd: path,
    stdio: 'ignore',
    detached: true,
    // Compiled code is kept beside the copy: none of it is of the original.
    env: {
      ...process.env,
      TMPDIR: temporary,
      NODE_COMPILE_CACHE: join(temporary, 'compiled'),
      NODE_TEST_CONTEXT: undefined,
    },
  })
  let killed = false
  const kill = () => {
    killed = true
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  }
  const timer = setTimeout(kill, limitMs)
  signal.addEventListener('abort', kill, { once: true })
  try {
    await new Promise((resolve, reject) => child.once('close', resolve).once('error', reject))
  } finally {
    clearTimeout(timer)
    signal.removeEventListener('abort', kill)
  }
  return killed
}

async function readEnds(report: string): Promise<TestEnd[]> {
  const lines = (await readFile(report, 'utf8')).split('\n')
  // The last line may be half a line, of a run that was killed.
  lines.pop()
  return lines.map((line) => endSchema.parse(JSON.parse(line)))
}
