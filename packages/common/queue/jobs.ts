import { z } from 'zod'

/** What a job may say. A job names a configuration; paths, commands and parameters come from the manifest in the store. */
export const configurationJobSchema = z.strictObject({
  sweep: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/),
  key: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/),
  index: z.int().nonnegative(),
  /** The manifest the job was made from; a worker that knows only older ones reads the store again. */
  manifest: z.int().nonnegative(),
})
export type ConfigurationJob = z.infer<typeof configurationJobSchema>

export const mergeJobSchema = z.strictObject({
  sweep: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$/),
  revision: z.int().nonnegative(),
})
export type MergeJob = z.infer<typeof mergeJobSchema>

/** What jobs are called in BullMQ: one kind in each queue. */
export const jobNames = { configuration: 'configuration', merge: 'merge' } as const

/** The BullMQ queue of a sweep, the queue of merge requests, and job ids (BullMQ refuses ids of digits only, and ':'). */
export const queueNames = { sweep: (sweep: string) => `windrow.${sweep}`, merges: 'windrow-merges' } as const
export const jobIds = {
  configuration: (key: string) => `c-${key}`,
  merge: (sweep: string, revision: number) => `m-${sweep}-r${revision}`,
} as const
