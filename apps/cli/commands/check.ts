import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { isWindrowError, messageOf } from '@windrow/common/errors/windrow-error.ts'
import { type CheckPorts, checkFile, type FileCheck } from '@windrow/common/merging/check-file.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { outOf } from '@windrow/common/status/counts.ts'
import { exitStatus } from '../exit-status.ts'
import { readSpecifiedPlan } from '../merging/specified-plan.ts'
import type { Surroundings } from '../surroundings.ts'

export interface CheckOptions {
  readonly files: readonly string[]
  readonly spec?: string
  readonly optimizers?: string
  readonly json?: boolean
}

type Checked = FileCheck | { readonly path: string; readonly ok: false; readonly unreadable: string }

/** `windrow check FILE...`: validates result and merged files. 3 when any is corrupt, 1 when any cannot be read at all. */
export async function checkCommand(options: CheckOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, workingDirectory } = surroundings
  const validator = createThreadValidator({ size: 2, timeoutMs: 60_000 })
  try {
    const { spec, optimizers } = options
    const specified = spec === undefined ? undefined : await readSpecifiedPlan({ spec, optimizers }, workingDirectory)
    const ports: CheckPorts = {
      validate: (bytes, expectation) => validator.validate(bytes, expectation),
      expectationFor: specified?.expectationFor,
    }
    const checked: Checked[] = []
    for (const file of options.files) {
      const found = await check(resolve(workingDirectory, file), ports)
      checked.push(found)
      if (!options.json) terminal.print(describe(found, terminal.style))
    }
    const summary = { files: checked.length, sound: checked.filter(({ ok }) => ok).length }
    if (options.json) terminal.printJson({ ...summary, checks: checked })
    else if (checked.length > 1) terminal.print(`${outOf(summary.sound, summary.files)} files are sound\n`)
    return statusOf(checked)
  } finally {
    await validator.close()
  }
}

function statusOf(checked: readonly Checked[]): number {
  if (checked.some((found) => !found.ok && !('unreadable' in found))) return exitStatus.corrupt
  return checked.every(({ ok }) => ok) ? exitStatus.complete : exitStatus.failed
}

/** A file that cannot be opened must not keep the others from being checked. */
async function check(path: string, ports: CheckPorts): Promise<Checked> {
  try {
    if ((await stat(path)).isDirectory()) return { path, ok: false, unreadable: 'it is a folder; name its files' }
    return await checkFile(path, ports)
  } catch (error) {
    const isMissing = error instanceof Error && 'code' in error && !isWindrowError(error)
    if (isMissing || isWindrowError(error, 'FILE_UNREADABLE')) return { path, ok: false, unreadable: messageOf(error) }
    throw error
  }
}

function describe(found: Checked, style: Surroundings['terminal']['style']): string {
  if ('unreadable' in found) return `${style('warning', 'unreadable')}  ${found.path}: ${found.unreadable}\n`
  const { path, ok, kind, key, refusal, verification, notChecked } = found
  const verdict = ok ? style('good', 'sound') : style('bad', 'CORRUPT')
  const what = kind === 'unknown' ? 'file' : `${kind} file${key === undefined ? '' : ` of ${key}`}`
  const why = refusal ? `: ${refusal.reason}: ${refusal.detail}` : ''
  const lines = [`${verdict}  ${path}: ${what}${why}`]
  if (verification) {
    lines.push(`  ${verification.summary.text}`)
    lines.push(...verification.faults.map(({ fault, detail }) => `  ${fault}: ${detail}`))
    if (!ok) lines.push(`  every fault: windrow verify ${path}`)
  }
  lines.push(...notChecked.map((part) => style('faint', `  not checked: ${part}`)))
  return `${lines.join('\n')}\n`
}
