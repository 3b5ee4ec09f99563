/** Every name under which Windrow keeps something in a store. Keys and sweep names are checked before they get here. */
const sweepFolder = (sweep: string) => `sweeps/${sweep}/`

export const names = {
  /** Who leads the cluster of a file store (cluster/cluster-file.ts). No object: it is replaced, and no object may have its name. */
  cluster: 'cluster.json',
  sweeps: 'sweeps/',
  /** Made twice and removed, to see whether the store refuses the second. */
  probe: (id: string) => `probes/${id}`,
  sweep: sweepFolder,
  manifests: (sweep: string) => `${sweepFolder(sweep)}manifest.`,
  manifest: (sweep: string, n: number) => `${sweepFolder(sweep)}manifest.${n}.json`,
  results: (sweep: string) => `${sweepFolder(sweep)}results/`,
  result: (sweep: string, key: string, epoch: number) => `${sweepFolder(sweep)}results/${key}.${epoch}.h5`,
  deadLetters: (sweep: string) => `${sweepFolder(sweep)}dead/`,
  deadLetter: (sweep: string, key: string, epoch: number) => `${sweepFolder(sweep)}dead/${key}.${epoch}.json`,
  reopenings: (sweep: string) => `${sweepFolder(sweep)}reopened/`,
  reopening: (sweep: string, key: string, epoch: number) => `${sweepFolder(sweep)}reopened/${key}.${epoch}.json`,
  attemptsOfAll: (sweep: string) => `${sweepFolder(sweep)}attempts/`,
  attempts: (sweep: string, key: string) => `${sweepFolder(sweep)}attempts/${key}/`,
  attempt: (sweep: string, key: string, epoch: number, attempt: string) =>
    `${sweepFolder(sweep)}attempts/${key}/${epoch}-${attempt}.json`,
  attemptLog: (sweep: string, key: string, epoch: number, attempt: string) =>
    `${sweepFolder(sweep)}attempts/${key}/${epoch}-${attempt}.log`,
  quarantine: (sweep: string) => `${sweepFolder(sweep)}quarantine/`,
  quarantinedBytes: (sweep: string, key: string, epoch: number, attempt: string) =>
    `${sweepFolder(sweep)}quarantine/${key}/${epoch}-${attempt}.h5`,
  quarantineEvidence: (sweep: string, key: string, epoch: number, attempt: string) =>
    `${sweepFolder(sweep)}quarantine/${key}/${epoch}-${attempt}.json`,
  actions: (sweep: string) => `${sweepFolder(sweep)}actions/`,
  /** `at` is in milliseconds since the epoch; the names sort by time. */
  action: (sweep: string, at: number, id: string) =>
    `${sweepFolder(sweep)}actions/${new Date(at).toISOString().replaceAll(':', '')}-${id}.json`,
  /** Files of an earlier sweep that salvage refused, as a whole or in part. `id` and `sha256` are hexadecimal. */
  wrecks: (sweep: string) => `${sweepFolder(sweep)}wrecks/`,
  wreckBytes: (sweep: string, sha256: string) => `${sweepFolder(sweep)}wrecks/${sha256}.h5`,
  wreckEvidence: (sweep: string, id: string) => `${sweepFolder(sweep)}wrecks/${id}.json`,
  merges: (sweep: string) => `${sweepFolder(sweep)}merges/`,
  mergedFile: (sweep: string, inputDigest: string) => `${sweepFolder(sweep)}merges/${inputDigest}/layouts.h5`,
  mergedCertificate: (sweep: string, inputDigest: string) =>
    `${sweepFolder(sweep)}merges/${inputDigest}/certificate.json`,
  mergeAudit: (sweep: string, inputDigest: string, merger: string) =>
    `${sweepFolder(sweep)}merges/${inputDigest}/audit-${merger}.jsonl`,
  generations: (sweep: string) => `${sweepFolder(sweep)}generations/`,
  generation: (sweep: string, n: number) => `${sweepFolder(sweep)}generations/${String(n).padStart(6, '0')}.json`,
} as const

/** Splits `<folder>/<key>.<epoch>.<extension>` into key and epoch; undefined when the name has another form. */
export function parseKeyAndEpoch(name: string): { key: string; epoch: number } | undefined {
  const match = /([A-Za-z0-9][A-Za-z0-9._-]*)\.(0|[1-9]\d*)\.(?:h5|json)$/.exec(name.slice(name.lastIndexOf('/') + 1))
  return match ? { key: match[1]!, epoch: Number(match[2]) } : undefined
}

/** The time in the name of an action's record, in milliseconds since the epoch; undefined when the name has another form. */
export function timeOfAction(name: string): number | undefined {
  const match = /(\d{4}-\d\d-\d\dT)(\d\d)(\d\d)(\d\d\.\d{3}Z)-[^/]*\.json$/.exec(name)
  if (!match) return undefined
  const [, day, hours, minutes, seconds] = match
  return Date.parse(`${day}${hours}:${minutes}:${seconds}`)
}
