import { rename, rm } from 'node:fs/promises'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Generation } from '@windrow/common/records/generation.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { isForeign, refuseForeign, sha256OfFile } from './output-path.ts'

/**
 * Brings a generation's file from the store to `target`: beside it first, its SHA-256 held against the generation's
 * record, then in its place at once. OUTPUT_PATH_TAKEN when somebody put a file of his own there meanwhile.
 */
export async function deliver(
  store: Store,
  generation: Generation,
  { target, generations }: { target: string; generations: readonly Generation[] },
): Promise<void> {
  const { name, sha256 } = generation.files.layouts
  const temporary = `${target}.${process.pid}.part`
  try {
    if (!(await store.readToFile(name, temporary))) {
      throw new WindrowError('FILE_UNREADABLE', {
        message: `the store no longer holds ${name}, the file of generation ${generation.number}`,
        context: { name, generation: generation.number },
        next: 'Take a later generation: prune removes the files of those that a newer complete one supersedes.',
      })
    }
    const digest = await sha256OfFile(temporary)
    if (digest !== sha256) {
      throw new WindrowError('FILE_CORRUPT', {
        message: `${name} in the store has SHA-256 ${digest}; generation ${generation.number} recorded ${sha256}`,
        context: { name, digest, sha256 },
      })
    }
    await refuseForeign(target, generations)
    await rename(temporary, target)
  } finally {
    await rm(temporary, { force: true })
  }
}

/** Takes away the partial file of an earlier, incomplete merge once the whole one is there; a file of somebody else's stays. */
export async function removeSuperseded(path: string, generations: readonly Generation[]): Promise<void> {
  if (!(await isForeign(path, generations))) await rm(path, { force: true })
}
