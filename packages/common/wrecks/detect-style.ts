import { Hdf5Error } from '../hdf5/hdf5-error.ts'
import type { PlainReader } from '../hdf5/reader.ts'
import { indexColumns } from './styles/columnar.ts'
import { nestedGroup } from './styles/nested.ts'
import type { WreckStyle } from './wreck.ts'

/** The one name at the root that every script of this kind skips. */
export const skippedName = 'init'
const keyForm = /^farm\d+_t\d+_s\d+$/
/** Groups looked into before a file is taken for one of somebody else. */
const groupsLookedInto = 32

/** The layouts that a file has configurations in; none when it is hollow or foreign. */
export function detectStyles(reader: PlainReader, rootNames: readonly string[]): WreckStyle[] {
  const styles: WreckStyle[] = []
  const columns = Object.keys(indexColumns).filter((name) => isKind(reader, name, 'dataset', rootNames))
  if (columns.length >= 2 || (columns.length > 0 && isKind(reader, 'layout', 'dataset', rootNames))) {
    styles.push('columnar')
  }
  if (isKind(reader, nestedGroup, 'group', rootNames)) styles.push('nested')
  if (hasKeyedGroups(reader, rootNames)) styles.push('keyed')
  return styles
}

/** Root members that are configurations of a `keyed` file: groups, and whatever has the name of one. */
export function* keyedNames(reader: PlainReader, rootNames: readonly string[]): Generator<string> {
  for (const name of rootNames) {
    if (name === skippedName || name === nestedGroup) continue
    if (keyForm.test(name) || unlessUnreadable(() => reader.kindOf(`/${name}`) === 'group', true)) yield name
  }
}

function hasKeyedGroups(reader: PlainReader, rootNames: readonly string[]): boolean {
  if (rootNames.some((name) => keyForm.test(name))) return true
  let left = groupsLookedInto
  for (const name of keyedNames(reader, rootNames)) {
    if (left-- === 0) break
    const members = unlessUnreadable(() => reader.memberNames(`/${name}`), [])
    if (members.includes('layout') && members.includes('aep')) return true
  }
  return false
}

/** What `read` answers; the other where libhdf5 cannot read it: the row itself is going to say so. */
function unlessUnreadable<Answer>(read: () => Answer, otherwise: Answer): Answer {
  try {
    return read()
  } catch (error) {
    if (error instanceof Hdf5Error && !error.crashed) return otherwise
    throw error
  }
}

function isKind(reader: PlainReader, name: string, kind: 'group' | 'dataset', rootNames: readonly string[]): boolean {
  return rootNames.includes(name) && reader.kindOf(`/${name}`) === kind
}
