import { messageOf } from '../errors/windrow-error.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import { groupSha256 } from '../results/group-digest.ts'
import { aepIn, turbinesIn } from '../results/group-facts.ts'
import type { IndexRow } from './read-account.ts'
import type { Findings, RowCheck, RowOutcome } from './verification.ts'
import { readKeyedConfiguration } from './write-keyed.ts'

const initMembers = ['index', 'certificate', 'seal']

/** Verifies the groups of a keyed file: one outcome for each merged configuration; groups beyond them are named as extra. */
export function verifyKeyedRows(
  reader: Hdf5Reader,
  { merged }: { readonly merged: readonly RowCheck[]; readonly index: readonly IndexRow[] | undefined },
  findings: Findings,
): RowOutcome[] {
  const present = presentGroups(reader, new Set(merged.map(({ row }) => row.key)), findings)
  const outcomes: RowOutcome[] = []
  for (const check of merged) {
    const isAbsent = present && !present.has(check.row.key)
    outcomes.push(isAbsent ? absent : verifyRow(reader, check))
  }
  return outcomes
}

const absent: RowOutcome = {
  verdict: 'absent',
  detail: 'it is certified as merged, but the file has no such group',
}

function verifyRow(reader: Hdf5Reader, { row, indexed }: RowCheck): RowOutcome {
  try {
    const group = readKeyedConfiguration(reader, row.key)
    const digest = groupSha256(row.key, group)
    if (digest !== row.contentSha256) {
      return { verdict: 'digest-mismatch', detail: `its content digest is ${digest}, not ${row.contentSha256}` }
    }
    const agrees = Object.is(indexed?.nTurbines, turbinesIn(group)) && Object.is(indexed?.aepGwh, aepIn(group))
    if (indexed && !agrees) return { verdict: 'index-mismatch', detail: 'n_turbines or aep differ from the index' }
    return { verdict: 'verified' }
  } catch (error) {
    return { verdict: 'unreadable', detail: messageOf(error) }
  }
}

/** The root members that are configurations; undefined, with the fault found, when they cannot be listed. */
function presentGroups(reader: Hdf5Reader, merged: ReadonlySet<string>, findings: Findings): Set<string> | undefined {
  try {
    for (const { name } of reader.members('/init')) {
      if (!initMembers.includes(name)) findings.fault('unexpected-object', `/init/${name} is not part of a keyed file.`)
    }
    const members = reader.members('/').filter(({ name }) => name !== 'init')
    for (const { name, kind } of members) {
      if (merged.has(name)) continue
      const detail = `the file has a ${kind === 'other' ? 'link' : kind} of this name, which is not certified as merged`
      findings.rows.push({ key: name, state: 'unknown', verdict: 'extra', detail })
    }
    return new Set(members.map(({ name }) => name))
  } catch (error) {
    findings.fault('unreadable', `The members of the file cannot be listed: ${messageOf(error)}`)
    return undefined
  }
}
