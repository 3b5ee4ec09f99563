/** What is created in a store, by its name. */
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
