import { resolve } from 'node:path'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { counted, formatBytes } from '@windrow/common/status/counts.ts'
import { type CurrentStates, readCurrentStates } from '@windrow/common/status/current-states.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import { matches, parseSelector, type Selector } from '@windrow/common/sweep/selector.ts'
import { createSweepReader } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { warnOfSilentRedis } from '../output/describe-services.ts'
import { formatTable } from '../output/table.ts'
import { type CopiedOutput, copyQuarantined, type StoredOutput } from '../quarantine/copy-quarantine.ts'
import { type Quarantine, type Quarantined, readQuarantine } from '../quarantine/read-quarantine.ts'
import { type RefusedFile, readWrecks, reasonOf } from '../quarantine/read-wrecks.ts'
import type { Surroundings } from '../surroundings.ts'
import { type ContextFlags, withContext } from '../sweeps/context-flags.ts'
import { findSweep } from '../sweeps/find-sweep.ts'

export interface QuarantineOptions extends ContextFlags {
  readonly sweep: string
  readonly selector: readonly string[]
  /** A folder to copy bytes and evidence to. */
  readonly output?: string
  readonly json?: boolean
}

/** `windrow quarantine SWEEP [SELECTOR]`: every output that was refused, why, and the line that runs it again here. */
export async function quarantineCommand(options: QuarantineOptions, surroundings: Surroundings): Promise<number> {
  const { terminal, workingDirectory } = surroundings
  return await withContext(options, surroundings, async ({ store, redis }) => {
    const { plan } = await createSweepReader(store).read(await findSweep(store, options.sweep))
    const selector = parseSelector(options.selector, plan.fieldNames)
    const states = await readCurrentStates({ store, ledger: redis.ledgerOf?.(plan.sweep) }, plan)
    const quarantine = await readQuarantine(store, plan.sweep)
    const outputs = quarantine.outputs.filter((output) => isSelected(output, { plan, selector, states }))
    const files = (await readWrecks(store, plan.sweep)).filter((file) =>
      isFileSelected(file, { plan, selector, states }),
    )
    const folder = options.output === undefined ? undefined : resolve(workingDirectory, options.output)
    const stored = [...outputs.map(storedOutput), ...files.map(storedFile)]
    const copied = folder === undefined ? [] : await copyQuarantined(store, stored, folder)
    if (redis.failed) warnOfSilentRedis(redis, terminal)
    if (options.json) {
      terminal.printJson({
        sweep: plan.sweep,
        quarantined: outputs.length,
        of: quarantine.outputs.length,
        outputs: outputs.map(({ evidence }, place) => ({
          ...evidence,
          ...(copied[place] && { copies: copied[place] }),
        })),
        withoutEvidence: quarantine.withoutEvidence,
        wreckFiles: files.map(({ evidence }, place) => ({
          ...evidence,
          ...(copied[outputs.length + place] && { copies: copied[outputs.length + place] }),
        })),
      })
    } else terminal.print(render(plan.sweep, { outputs, quarantine, files, folder, copied }))
    return exitStatus.complete
  })
}

function storedOutput({ evidence, label, evidenceName, bytesName }: Quarantined): StoredOutput {
  return { label, sha256: evidence.sha256, evidenceName, bytesName }
}

function storedFile({ evidence, evidenceName, bytesName }: RefusedFile): StoredOutput {
  const id = evidenceName.slice(evidenceName.lastIndexOf('/') + 1, -'.json'.length)
  return { label: `wreck-${id.slice(0, 16)}`, sha256: evidence.sha256, evidenceName, bytesName }
}

type Selection = { readonly plan: SweepPlan; readonly selector: Selector; readonly states: CurrentStates }

/** A file of a wreck is of no configuration; one of its refused rows may be. */
function isFileSelected({ evidence }: RefusedFile, { plan, selector, states }: Selection): boolean {
  const { cause, detail, rows } = evidence
  const whole = cause === undefined ? [] : [{ key: '', cause, detail: detail ?? '' }]
  return [...whole, ...rows].some((refused) => {
    const subject = subjectOf(refused.key, { plan, states })
    return matches(selector, { ...subject, error: `${refused.cause}: ${refused.detail}` })
  })
}

/** `error~TEXT` searches the reason and the detail; a key that is no longer one of the sweep's has no other fields. */
function isSelected({ evidence }: Quarantined, { plan, selector, states }: Selection): boolean {
  const subject = subjectOf(evidence.key, { plan, states })
  return matches(selector, { ...subject, error: `${evidence.reason}: ${evidence.detail}` })
}

function subjectOf(key: string, { plan, states }: Omit<Selection, 'selector'>) {
  const index = plan.indexOf(key)
  const configuration = index === undefined ? { key, fields: {} } : plan.at(index)
  const state = index === undefined ? ('dead-corrupt' as const) : stateOfCell(states.cells[index]!)
  return { configuration, state }
}

interface Listing {
  readonly outputs: readonly Quarantined[]
  readonly quarantine: Quarantine
  readonly files: readonly RefusedFile[]
  readonly folder: string | undefined
  readonly copied: readonly CopiedOutput[]
}

function render(sweep: string, { outputs, quarantine, files, folder, copied }: Listing): string {
  const all = quarantine.outputs.length
  const heading = `${counted(outputs.length, 'output')} of ${sweep} in quarantine${outputs.length < all ? ` (of ${all})` : ''}`
  const lost = quarantine.withoutEvidence.length
  const notes = [
    ...(lost > 0 ? [`${counted(lost, 'object')} without evidence: ${quarantine.withoutEvidence[0]}\n`] : []),
    ...(folder === undefined ? [] : [`Bytes and evidence of ${copied.length} are in ${folder}\n`]),
  ]
  return [
    `${heading}${outputs.length > 0 ? ':' : '.'}\n`,
    ...(outputs.length > 0 ? [tableOf(outputs)] : []),
    ...(files.length > 0
      ? [`${counted(files.length, 'file')} of an earlier sweep, refused by salvage:\n`, fileTable(files)]
      : []),
    ...notes,
  ].join('')
}

function tableOf(outputs: readonly Quarantined[]): string {
  const headers = ['key', 'epoch', 'attempt', 'reason', 'host', 'bytes', 'when', 'to reproduce it']
  const numbers = new Set(['epoch', 'bytes'])
  const columns = headers.map((header) => ({
    header,
    align: numbers.has(header) ? ('right' as const) : ('left' as const),
  }))
  return formatTable(
    columns,
    outputs.map(({ evidence: e }) => [
      ...[e.key, String(e.epoch), e.attempt, e.source === 'commit' ? `${e.reason} (a commit)` : e.reason],
      ...[e.host, formatBytes(e.bytes), e.at.slice(0, 16).replace('T', ' '), e.reproduce],
    ]),
  )
}

function fileTable(files: readonly RefusedFile[]): string {
  const columns = [
    { header: 'file' },
    { header: 'bytes', align: 'right' as const },
    { header: 'reason' },
    { header: 'from' },
  ]
  return formatTable(
    columns,
    files.map((file) => {
      const { file: name, bytes, directory } = file.evidence
      return [name, formatBytes(bytes), reasonOf(file), directory]
    }),
  )
}
