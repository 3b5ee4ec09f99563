import { z } from 'zod'

// What the scripts of the ledger answer, and the transactions that only read.

const whole = z.int().nonnegative()
const metaReply = z.looseObject({
  total: z.coerce.number(),
  manifest: z.coerce.number(),
  revision: z.coerce.number(),
  merged: z.coerce.number(),
  instance: z.string(),
})
const absentMeta = z.strictObject({}).transform(() => undefined)
export const summaryReply = z.tuple([
  z.tuple([z.null(), z.union([absentMeta, metaReply])]),
  z.tuple([z.null(), z.int().nonnegative()]),
])
export const extendReply = z.union([
  z.tuple([z.enum(['extended', 'repeated'])]),
  z.tuple([z.literal('mismatch'), whole]),
])
export const beginReply = z.union([
  z.tuple([z.enum(['begun', 'exhausted', 'committed']), whole, whole, z.string(), z.string()]),
  z.tuple([z.enum(['cancelled', 'dead', 'set-aside']), whole]),
])
export const settleReply = z.tuple([
  z.enum(['settled', 'repeated', 'fenced']),
  whole,
  whole,
  whole.optional(),
  whole.optional(),
])
export const reopenReply = z.tuple([z.enum(['reopened', 'stale'])])
export const selectReply = z.tuple([z.literal('selected'), whole])
export const repeatReply = z.tuple([z.literal('repeated'), z.array(whole)])
export const owedReply = z.tuple([z.literal('owed'), z.array(whole), z.array(whole)])
export const givenReply = z.tuple([z.literal('given'), whole])
export const trialsReply = z.tuple([
  z.tuple([z.null(), z.array(z.string().nullable())]),
  z.tuple([z.null(), z.record(z.string(), z.string())]),
])
export const asideReply = z.tuple([z.tuple([z.null(), whole]), z.tuple([z.null(), z.string().nullable()])])
export const takeBackReply = z.tuple([z.enum(['taken', 'left'])])
