import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { AttemptRecord } from '@windrow/common/records/attempt-record.ts'
import type { QuarantineEvidence } from '@windrow/common/records/quarantine-evidence.ts'
import type { FaultName } from './doses.ts'
import { isSettingAside } from './faults/host-faults.ts'
import type { Field } from './field.ts'
import type { Dose } from './journal.ts'
import type { LogLine } from './logs.ts'

interface Records {
  readonly attempts: readonly AttemptRecord[]
  readonly evidence: readonly QuarantineEvidence[]
  readonly lines: readonly LogLine[]
}

/** How it shows in the records of the system, or its logs, that it noticed a fault. */
const signs: Partial<Record<FaultName, (dose: Dose, records: Records) => boolean>> = {
  'worker killed': ({ facts }, { attempts }) => attempts.some((a) => a.worker === facts.worker && a.outcome === 'lost'),
  'worker frozen past its lock': ({ facts, touched }, { attempts, lines }) =>
    attempts.some((a) => a.worker === facts.worker && a.outcome === 'lost') ||
    lines.some(({ service, msg }) => service === facts.service && /locks could not|somebody else holds/.test(msg)) ||
    touched.length === 0,
  'child out of memory': failedWith('ATTEMPT_MEMORY'),
  'child hangs': failedWith('ATTEMPT_TIMEOUT'),
  'child is a fork bomb': failedWith('ATTEMPT_TIMEOUT'),
  'output empty': refused,
  'output truncated': refused,
  'output with bits flipped': refused,
  'output with NaN': refused,
  'output misshapen': refused,
  'output of another': refused,
  'output with two results': refused,
  'host on which everything fails': (_, { lines }) => lines.some(({ facts }) => isSettingAside(facts)),
  'disk full': ({ at }, { lines }) =>
    lines.some((line) => line.service === 'worker-1' && Number(line.facts.level) >= 40 && isSoon(line.at, at)),
  'commit damaged': ({ facts }, { evidence }) =>
    evidence.some((e) => e.source === 'commit' && `results/${e.key}.${e.epoch}.h5` === facts.name),
  'Redis killed': saidSoon(/REDIS_UNAVAILABLE/),
  'Redis without its last second': saidSoon(/REDIS_UNAVAILABLE/),
  'Redis connections cut': saidSoon(/REDIS_UNAVAILABLE/),
  'Redis full': saidSoon(/REDIS_FULL|maxmemory|OOM/),
  'Redis emptied': saidSoon(/Redis was emptied|made the ledger from the store/),
}

/** Marks the doses that the system noticed, by what it left in its store and its logs. */
export function noticed({ journal, logs, sweep }: Pick<Field, 'journal' | 'logs' | 'sweep'>, store: string): void {
  const root = join(store, 'sweeps', sweep.name)
  const records = {
    attempts: recordsIn<AttemptRecord>(join(root, 'attempts')),
    evidence: recordsIn<QuarantineEvidence>(join(root, 'quarantine')),
    lines: logs.lines,
  }
  for (const dose of journal.doses) if (signs[dose.fault]?.(dose, records)) dose.caught = true
}

const soonMs = 10_000
const isSoon = (at: number, after: number) => at >= after - 200 && at < after + soonMs

/** As itself; or its worker, or the right to it, was lost meanwhile. */
function failedWith(code: string) {
  return ({ facts }: Dose, { attempts }: Records) =>
    attempts.some((a) => a.key === facts.key && (a.code === code || isUnfinished(a)))
}

const isUnfinished = ({ outcome }: AttemptRecord) => outcome === 'lost' || outcome === 'handed-back'

function refused({ facts }: Dose, { evidence, attempts }: Records): boolean {
  const isRefused = evidence.some((e) => e.key === facts.key && e.source === 'output')
  return isRefused || attempts.some((a) => a.key === facts.key && (isUnfinished(a) || a.outcome === 'failed'))
}

function saidSoon(pattern: RegExp) {
  return ({ at }: Dose, { lines }: Records) =>
    lines.some((line) => isSoon(line.at, at) && pattern.test(JSON.stringify(line.facts)))
}

function recordsIn<Row>(folder: string): Row[] {
  if (!existsSync(folder)) return []
  const files = (readdirSync(folder, { recursive: true }) as string[]).filter((name) => name.endsWith('.json'))
  return files.map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Row)
}
