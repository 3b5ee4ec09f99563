import type { z } from 'zod'
import { WindrowError } from '../errors/windrow-error.ts'
import {
  type ConfigurationJob,
  configurationJobSchema,
  jobIds,
  jobNames,
  type MergeJob,
  mergeJobSchema,
} from './jobs.ts'
import type { ConsumedJob } from './queue.ts'

type ArrivedJob = Pick<ConsumedJob, 'id' | 'name' | 'data'>

/**
 * What a job in the queue of `sweep` names: a configuration of that sweep and nothing else. Whoever can write to Redis may have put
 * it there, so nothing of it is believed: JOB_INVALID when its name, its id or any field is not as Windrow makes it.
 */
export function readConfigurationJob(arrived: ArrivedJob, sweep: string): ConfigurationJob {
  const job = readData(arrived, jobNames.configuration, configurationJobSchema)
  if (job.sweep !== sweep) throw invalid(`it is in the queue of ${sweep} and names the sweep ${job.sweep}`)
  // Two jobs of one configuration would take it from each other.
  if (arrived.id !== jobIds.configuration(job.key)) throw invalid(`its id is not that of the configuration ${job.key}`)
  return job
}

/** What a request for a merge names: a sweep and a revision of its ledger. JOB_INVALID, as above. */
export function readMergeJob(arrived: ArrivedJob): MergeJob {
  const job = readData(arrived, jobNames.merge, mergeJobSchema)
  if (arrived.id !== jobIds.merge(job.sweep, job.revision))
    throw invalid('its id is not that of its sweep and revision')
  return job
}

function readData<Schema extends z.ZodType>(
  { name, data }: ArrivedJob,
  expected: string,
  schema: Schema,
): z.infer<Schema> {
  if (name !== expected) throw invalid(`it is called ${JSON.stringify(name)}, not ${expected}`)
  const parsed = schema.safeParse(data)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(issue ? `${issue.path.join('.') || 'its data'}: ${issue.message}` : 'its data are not understood')
}

/** What was found is shown only in part, and harmless: it comes from whoever made the job. */
function invalid(reason: string): WindrowError {
  const shown = reason.length > longestReason ? `${reason.slice(0, longestReason)}...` : reason
  return new WindrowError('JOB_INVALID', {
    message: `the job is not one of ours: ${shown.replace(/[\p{Cc}\p{Cf}]/gu, '?')}`,
  })
}

const longestReason = 200
