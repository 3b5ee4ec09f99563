import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { sha256OfFile } from '../running/output-path.ts'
import type { Quarantined } from './read-quarantine.ts'

/** Where the copies of a quarantined output went. */
export interface CopiedOutput {
  readonly bytes: string
  readonly evidence: string
}

/**
 * Copies refused bytes, as they were, and the evidence against them to `folder/KEY.EPOCH-ATTEMPT.h5` and `.json`. A file
 * that is there already must be the same copy: OUTPUT_PATH_TAKEN else. The bytes are held against the evidence's SHA-256.
 */
export async function copyQuarantined(store: Store, outputs: readonly Quarantined[], folder: string) {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new WindrowError('USAGE', { message: `cannot write into ${folder}: ${messageOf(cause)}`, cause })
  })
  const copied: CopiedOutput[] = []
  for (const output of outputs) copied.push(await copyOne(store, output, folder))
  return copied
}

async function copyOne(store: Store, { evidence, label, evidenceName, bytesName }: Quarantined, folder: string) {
  const stem = join(folder, label)
  const target = { bytes: `${stem}.h5`, evidence: `${stem}.json` }
  if (!(await isSameCopy(target.bytes, evidence.sha256))) {
    await copy(store, bytesName, target.bytes)
    const sha256 = await sha256OfFile(target.bytes)
    if (sha256 !== evidence.sha256) {
      await rm(target.bytes, { force: true })
      throw new WindrowError('FILE_CORRUPT', {
        message: `${bytesName} in the store has SHA-256 ${sha256}; its evidence recorded ${evidence.sha256}`,
        context: { bytesName },
      })
    }
  }
  await copy(store, evidenceName, target.evidence)
  return target
}

async function copy(store: Store, name: string, path: string): Promise<void> {
  if (await store.readToFile(name, path)) return
  throw new WindrowError('FILE_UNREADABLE', { message: `the store no longer holds ${name}`, context: { name } })
}

async function isSameCopy(path: string, sha256: string): Promise<boolean> {
  const there = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (!there) return false
  if (there.isFile() && (await sha256OfFile(path)) === sha256) return true
  throw new WindrowError('OUTPUT_PATH_TAKEN', {
    message: `${path} holds something else than the quarantined output of that name`,
    context: { path },
    next: 'Choose another folder with -o, or move the file away.',
  })
}
