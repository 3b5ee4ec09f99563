import { isJudging } from './is-judging.ts'

/** What is created in a store: by its name, an action by what is done, and a reopening also by who does it. */
export function kindOfCreated(name: string, bytes: Uint8Array): string {
  const kind = kindOfObject(name)
  if (kind === 'action') return `action-${JSON.parse(Buffer.from(bytes).toString()).action}`
  return kind === 'reopening' && isJudging() ? 'reopening-given-back' : kind
}

/** What an object in a store is, by its name. */
export function kindOfObject(name: string): string {
  return kinds.find(([pattern]) => pattern.test(name))?.[1] ?? name
}

const kinds: readonly (readonly [RegExp, string])[] = [
  [/^probes\//, 'probe'],
  [/\/manifest\.\d+\.json$/, 'manifest'],
  [/\/results\//, 'commit'],
  [/\/dead\//, 'dead-letter'],
  [/\/reopened\//, 'reopening'],
  [/\/attempts\/.*\.log$/, 'attempt-log'],
  [/\/attempts\/.*\.json$/, 'attempt-record'],
  [/\/quarantine\/.*\.h5$/, 'quarantine-bytes'],
  [/\/quarantine\/.*\.json$/, 'quarantine-evidence'],
  [/\/actions\//, 'action'],
  [/\/merges\/.*\/layouts\.h5$/, 'merged-file'],
  [/\/merges\/.*\/certificate\.json$/, 'certificate'],
  [/\/merges\/.*\/audit-[^/]*$/, 'audit'],
  [/\/generations\//, 'generation'],
]
