import { z } from 'zod'

const fileSchema = z.object({ name: z.string(), sha256: z.string(), bytes: z.int().nonnegative() })

/** `generations/<000001>.json`: one published merge. The newest is the highest number; created last. */
export const generationSchema = z.object({
  schema: z.literal(1),
  sweep: z.string(),
  number: z.int().positive(),
  inputDigest: z.string(),
  complete: z.boolean(),
  expected: z.int().nonnegative(),
  merged: z.int().nonnegative(),
  quarantined: z.int().nonnegative(),
  dead: z.int().nonnegative(),
  missing: z.int().nonnegative(),
  files: z.object({ layouts: fileSchema, certificate: fileSchema }),
  merger: z.string(),
  at: z.iso.datetime(),
})
export type Generation = z.infer<typeof generationSchema>
