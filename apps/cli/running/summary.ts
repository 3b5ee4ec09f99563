import { open } from 'node:fs/promises'
import { openReader } from '@windrow/common/hdf5/reader.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import { formatTable } from '../output/table.ts'

export interface AepRow {
  /** Values of the grouping fields, `farm_idx=0`, `type_idx=5`. */
  readonly group: string
  readonly expected: number
  readonly merged: number
  /** Of the merged ones: taken in by `windrow salvage`. */
  readonly salvaged: number
  readonly meanAepGWh: number
  readonly bestAepGWh: number
  readonly bestKey: string
}

/** The table of AEP by area and type: the seeds of each aggregated, read from the merged file's own index. */
export async function readAepTable(path: string, groupBy: readonly string[]): Promise<AepRow[]> {
  const file = await open(path, 'r')
  try {
    const { size } = await file.stat()
    const reader = await openReader({ kind: 'descriptor', fd: file.fd, size })
    try {
      return aepRows(reader.readCompound('init/index'), groupBy)
    } finally {
      reader.close()
    }
  } finally {
    await file.close()
  }
}

type Column = ArrayLike<number | bigint | string>

export function aepRows(columns: ReadonlyMap<string, Column>, groupBy: readonly string[]): AepRow[] {
  const keys = columns.get('key')!
  const states = columns.get('state')!
  const aeps = columns.get('aep')!
  const sources = columns.get('source')!
  const groupOf = (row: number) => groupBy.map((name) => `${name}=${columns.get(name)?.[row]}`).join('  ')
  const groups = Map.groupBy(
    Array.from(keys, (_, row) => row),
    groupOf,
  )
  return [...groups].map(([group, rows]) => {
    const merged = rows.filter((row) => states[row] === 'merged')
    const best = merged.toSorted((a, b) => Number(aeps[b]) - Number(aeps[a]))[0]
    const sum = merged.reduce((total, row) => total + Number(aeps[row]), 0)
    return {
      group,
      expected: rows.length,
      merged: merged.length,
      salvaged: merged.filter((row) => sources[row] === 'salvage').length,
      meanAepGWh: merged.length > 0 ? sum / merged.length : Number.NaN,
      bestAepGWh: best === undefined ? Number.NaN : Number(aeps[best]),
      bestKey: best === undefined ? '-' : String(keys[best]),
    }
  })
}

/** What `windrow run` ends with: the table, the counts with their denominators, where the file is and how to look at it. */
export function renderSummary(facts: {
  sweep: string
  generation: Generation
  rows: readonly AepRow[]
  path: string
  selected: number
  /** How the user calls `windrow` from where he is. */
  command: string
}): string {
  const { generation: g, rows, path, sweep, selected } = facts
  const gwh = (value: number) => (Number.isNaN(value) ? '-' : value.toFixed(2))
  const table = formatTable(
    [
      { header: 'group' },
      { header: 'merged', align: 'right' },
      { header: 'mean AEP, GWh', align: 'right' },
      { header: 'best AEP, GWh', align: 'right' },
      { header: 'best configuration' },
    ],
    rows.map((row) => [
      row.group,
      `${row.merged} of ${row.expected}`,
      gwh(row.meanAepGWh),
      gwh(row.bestAepGWh),
      row.bestKey,
    ]),
  )
  const counts = [
    `${g.merged} of ${g.expected} merged`,
    `${g.quarantined} quarantined`,
    `${g.dead} dead`,
    `${g.missing} missing`,
  ]
  const lines = [
    '',
    table,
    `${sweep}, generation ${g.number}, ${g.complete ? 'complete' : 'NOT complete'}: ${counts.join(', ')}`,
  ]
  const salvaged = rows.reduce((sum, row) => sum + row.salvaged, 0)
  if (salvaged > 0)
    lines.push(`${salvaged} of ${g.merged} merged were salvaged from an earlier sweep: plausible, not proven`)
  if (selected < g.expected) lines.push(`${selected} of ${g.expected} configurations were selected (--only)`)
  lines.push(`${path}  (${g.files.layouts.bytes} bytes, SHA-256 ${g.files.layouts.sha256})`, '', ...waysToLook(facts))
  return lines.join('\n')
}

function waysToLook({ path, sweep, generation, command }: Parameters<typeof renderSummary>[0]): string[] {
  const lines = [
    'Look at it:',
    `  python3 -c "import h5py; f = h5py.File('${path}'); print(f['init/index'][:3])"`,
    `  ${command} verify ${path}`,
  ]
  if (generation.missing + generation.dead + generation.quarantined > 0) {
    lines.push(`  ${command} missing ${sweep}`, `  ${command} rerun ${sweep}`)
  }
  return lines
}
