import { readGenerations } from '@windrow/common/accounting/generations.ts'
import { readStatesInStore } from '@windrow/common/accounting/states-in-store.ts'
import { type IndexTest, readSelection } from '@windrow/common/accounting/wanted.ts'
import { stateOfCell } from '@windrow/common/ledger/states.ts'
import { decodeCertificate } from '@windrow/common/merging/certificate.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import type { Store } from '@windrow/common/store/store.ts'
import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { exitStatus } from '../exit-status.ts'
import { deliver, removeSuperseded } from './deliver.ts'
import { partialPath } from './output-path.ts'
import { readAepTable, renderSummary } from './summary.ts'

export interface HomeOptions {
  readonly store: Store
  readonly submitted: SubmittedSweep
  /** Where the merged file goes. */
  readonly output: string
  readonly json: boolean
  /** How the user calls `windrow` from where he is. */
  readonly command: string
  readonly print: (text: string) => void
  readonly say: (line: string) => void
}

/** Brings the newest generation home, as `bringGenerationHome` does; status 2 when there is none. */
export async function bringHome(options: HomeOptions): Promise<number> {
  const { store, submitted, say, command } = options
  const { plan } = submitted
  const generations = await readGenerations(store, plan.sweep)
  const generation = generations.at(-1)
  const { cells } = await readStatesInStore(store, plan)
  // There may be an earlier generation: what it holds has been thrown away since, and its place taken by nothing.
  if (generation && committedIn(cells) > 0) {
    const isCurrent = generation.expected === cells.length && generation.merged === committedIn(cells)
    return await bringGenerationHome(options, { generation, generations, isCurrent })
  }
  say(
    `None of the ${plan.total} configurations of ${plan.sweep} came to a result; there is no file. See why with: ${command} status ${plan.sweep}`,
  )
  return exitStatus.incomplete
}

const committedIn = (cells: Uint8Array) => cells.filter((cell) => stateOfCell(cell) === 'committed').length

export interface GenerationToBring {
  readonly generation: Generation
  readonly generations: readonly Generation[]
  /** Whether it accounts for what the store holds now: no exit status 0 of a run rests on the ledger alone. */
  readonly isCurrent: boolean
}

/**
 * Delivers a generation and tells the outcome: complete, or complete as far as it was selected (status 0), else short of
 * it (status 2, and the file is NAME.partial.h5).
 */
export async function bringGenerationHome(
  { store, submitted, output, json, print, command }: HomeOptions,
  { generation, generations, isCurrent }: GenerationToBring,
): Promise<number> {
  const { plan } = submitted
  const isSelected = await readSelection(store, plan)
  const selected = isSelected ? indicesOf(plan).filter(isSelected).length : plan.total
  const isWhole = generation.complete || (isSelected && (await holdsAll(store, { generation, plan }, isSelected)))
  const fulfilled = isWhole === true && isCurrent
  const target = fulfilled ? output : partialPath(output)
  await deliver(store, generation, { target, generations })
  if (fulfilled) await removeSuperseded(partialPath(output), generations)
  const rows = await readAepTable(target, groupingFields(plan.specification.key))
  const { sweep } = plan
  if (json) {
    const facts = { sweep, fulfilled, selected, path: target, generation, rows }
    print(`${JSON.stringify(facts, null, 2)}\n`)
  } else print(`${renderSummary({ sweep, generation, rows, path: target, selected, command })}\n`)
  return fulfilled ? exitStatus.complete : exitStatus.incomplete
}

/** Every configuration that was selected is merged in this generation, by its certificate. */
async function holdsAll(
  store: Store,
  { generation, plan }: { generation: Generation; plan: SweepPlan },
  isSelected: IndexTest,
): Promise<boolean> {
  const bytes = await store.read(generation.files.certificate.name)
  if (!bytes) return false
  const merged = new Set(decodeCertificate(new TextDecoder().decode(bytes)).merged.map(({ key }) => key))
  return indicesOf(plan).every((index) => !isSelected(index) || merged.has(plan.keyAt(index)))
}

const indicesOf = ({ total }: { total: number }) => Array.from({ length: total }, (_, index) => index)

/** The summary has a line for each combination of the key's fields but the last, which is the seed in most sweeps. */
function groupingFields(keyPattern: string): string[] {
  const fields = [...keyPattern.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!)
  return fields.length > 1 ? fields.slice(0, -1) : fields
}
