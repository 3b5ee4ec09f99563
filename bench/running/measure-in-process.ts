import { fork } from 'node:child_process'
import { z } from 'zod'
import type { Figures } from './bench.ts'

const figuresSchema = z.record(z.string(), z.number())
const entry = new URL('../measure.ts', import.meta.url)

/** Runs a bench once in a fresh process: what one leaves in memory must not weigh on the next. */
export async function measureInProcess(
  bench: string,
  { run, folder }: { run: number; folder: string },
): Promise<Figures> {
  const child = fork(entry, [bench, String(run), folder], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let figures: Figures | undefined
  child.on('message', (message) => {
    figures = figuresSchema.parse(message)
  })
  const status = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (status === 0 && figures) return figures
  throw new Error(`the bench ${bench} ended with status ${status}`)
}
