import { z } from 'zod'

const timeSchema = z.iso.datetime()

/** `attempts/<key>/<epoch>-<attempt>.json`: what one execution came to. Written before the commit. */
export const attemptRecordSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  key: z.string(),
  epoch: z.int().nonnegative(),
  attempt: z.string(),
  /** 1 for the first attempt of the epoch. */
  number: z.int().positive(),
  /** 'valid': the output passed validation and was offered as the commit. */
  outcome: z.enum(['valid', 'failed', 'corrupt', 'lost', 'handed-back']),
  code: z.string().optional(),
  message: z.string().optional(),
  host: z.string(),
  worker: z.string(),
  startedAt: timeSchema,
  endedAt: timeSchema,
  /** Largest resident memory of the attempt's process tree, bytes. */
  peakMemoryBytes: z.int().nonnegative().optional(),
  /** SHA-256 of the output's bytes, where there was an output. */
  outputSha256: z.string().optional(),
  outputBytes: z.int().nonnegative().optional(),
})
export type AttemptRecord = z.infer<typeof attemptRecordSchema>
