import { messageOf } from '../errors/windrow-error.ts'
import { FilledGroupReader } from '../hdf5/decoding/filled-group-reader.ts'
import { countRootLinks } from '../hdf5/decoding/root-links.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import { defaultGroupLimits } from '../hdf5/stored-group-reading.ts'
import type { StoredGroup } from '../hdf5/stored-object.ts'
import { Damage, NotOurs } from '../hdf5/strict-reader/outcome.ts'
import { groupSha256 } from '../results/group-digest.ts'
import { aepIn, turbinesIn } from '../results/group-facts.ts'
import { MemberNames } from './member-names.ts'
import type { Findings, RowCheck, RowChecks, RowOutcome } from './verification.ts'
import { readKeyedConfiguration } from './write-keyed.ts'

const initMembers = ['index', 'certificate', 'seal']
/** Of so many groups that are read without libhdf5 one is read with it as well: a reader's view of what was written. */
const comparedEvery = 64

interface KeyedFile {
  readonly merged: RowChecks
  readonly file: { readonly fd: number; readonly size: number }
}

/** Verifies the groups of a keyed file: one outcome for each merged configuration; groups beyond them are named as extra. */
export function verifyKeyedRows(reader: Hdf5Reader, { merged, file }: KeyedFile, findings: Findings): RowOutcome[] {
  checkInit(reader, findings)
  const filled = new FilledGroupReader(file, defaultGroupLimits)
  const outcomes: RowOutcome[] = []
  for (let place = 0; place < merged.length; place++) {
    outcomes.push(verifyRow(reader, filled, { ...merged.at(place), isCompared: place % comparedEvery === 0 }))
  }
  const areAllThere = outcomes.every(({ verdict }) => verdict !== 'unreadable')
  // The members are told apart by their number: a list of a million of them is only made when it has something to name.
  if (areAllThere && countRootLinks(file) === merged.length + 1) return outcomes
  return heldAgainstMembers(reader, { merged, outcomes }, findings)
}

interface Outcomes {
  readonly merged: RowChecks
  readonly outcomes: readonly RowOutcome[]
}

/** Tells what is absent from what cannot be read, and names what is there and is not certified. */
function heldAgainstMembers(reader: Hdf5Reader, { merged, outcomes }: Outcomes, findings: Findings): RowOutcome[] {
  const members = rootMembers(reader, findings)
  if (members === undefined) return [...outcomes]
  const told = outcomes.map((outcome, place) => (members.take(merged.at(place).row.key) ? outcome : absent))
  nameExtra(reader, members.left(), findings)
  return told
}

const absent: RowOutcome = {
  verdict: 'absent',
  detail: 'it is certified as merged, but the file has no such group',
}
const verified: RowOutcome = { verdict: 'verified' }

function verifyRow(
  reader: Hdf5Reader,
  filled: FilledGroupReader,
  { row, indexed, isCompared }: RowCheck & { readonly isCompared: boolean },
): RowOutcome {
  try {
    const own = readFilled(reader, filled, row.key)
    const group = own && !isCompared ? own : readKeyedConfiguration(reader, row.key)
    const digest = groupSha256(row.key, group)
    if (digest !== row.contentSha256) {
      return { verdict: 'digest-mismatch', detail: `its content digest is ${digest}, not ${row.contentSha256}` }
    }
    const agrees = Object.is(indexed?.nTurbines, turbinesIn(group)) && Object.is(indexed?.aepGwh, aepIn(group))
    if (indexed && !agrees) return { verdict: 'index-mismatch', detail: 'n_turbines or aep differ from the index' }
    return verified
  } catch (error) {
    return { verdict: 'unreadable', detail: messageOf(error) }
  }
}

/** The group as it was filled in; undefined when only libhdf5 can say what it is, and whether it is damaged. */
function readFilled(reader: Hdf5Reader, filled: FilledGroupReader, key: string): StoredGroup | undefined {
  try {
    return filled.read(reader.addressOf(`/${key}`))
  } catch (error) {
    if (error instanceof NotOurs || error instanceof Damage) return undefined
    throw error
  }
}

function checkInit(reader: Hdf5Reader, findings: Findings): void {
  try {
    for (const { name } of reader.members('/init')) {
      if (!initMembers.includes(name)) findings.fault('unexpected-object', `/init/${name} is not part of a keyed file.`)
    }
  } catch (error) {
    findings.fault('unreadable', `The members of /init cannot be listed: ${messageOf(error)}`)
  }
}

/** The names of the root's members; undefined, with the fault found, when they cannot be listed. */
function rootMembers(reader: Hdf5Reader, findings: Findings): MemberNames | undefined {
  try {
    return new MemberNames(reader.memberNames('/'))
  } catch (error) {
    findings.fault('unreadable', `The members of the file cannot be listed: ${messageOf(error)}`)
    return undefined
  }
}

function nameExtra(reader: Hdf5Reader, uncertified: readonly string[], findings: Findings): void {
  for (const name of uncertified) {
    if (name === 'init') continue
    const kind = reader.kindOf(`/${name}`)
    const detail = `the file has a ${kind === 'other' ? 'link' : kind} of this name, which is not certified as merged`
    findings.row({ key: name, state: 'unknown', verdict: 'extra', detail })
  }
}
