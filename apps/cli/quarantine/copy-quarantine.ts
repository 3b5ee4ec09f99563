import { mkdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { sha256OfFile } from '../running/output-path.ts'

/** Refused bytes in the store, and the evidence against them. */
export interface StoredOutput {
  /** Fit for a file name. */
  readonly label: string
  readonly sha256: string
  readonly evidenceName: string
  /** undefined where the bytes are not kept. */
  readonly bytesName: string | undefined
}

/** Where the copies of a quarantined output went. */
export interface CopiedOutput {
  /** undefined where there were none to copy. */
  readonly bytes: string | undefined
  readonly evidence: string
}

/**
 * Copies refused bytes, as they were, and the evidence against them to `folder/LABEL.h5` and `.json`. A file
 * that is there already must be the same copy: OUTPUT_PATH_TAKEN else. The bytes are held against the evidence's SHA-256.
 */
export async function copyQuarantined(store: Store, outputs: readonly StoredOutput[], folder: string) {
  await mkdir(folder, { recursive: true }).catch((cause) => {
    throw new WindrowError('USAGE', { message: `cannot write into ${folder}: ${messageOf(cause)}`, cause })
  })
  const copied: CopiedOutput[] = []
  for (const output of outputs) copied.push(await copyOne(store, output, folder))
  return copied
}

async function copyOne(store: Store, { sha256, label, evidenceName, bytesName }: StoredOutput, folder: string) {
  const stem = join(folder, label)
  const bytes = bytesName && `${stem}.h5`
  if (bytes && !(await isSameCopy(bytes, sha256))) {
    await copy(store, bytesName, bytes)
    const found = await sha256OfFile(bytes)
    if (found !== sha256) {
      await rm(bytes, { force: true })
      throw new WindrowError('FILE_CORRUPT', {
        message: `${bytesName} in the store has SHA-256 ${found}; its evidence recorded ${sha256}`,
        context: { bytesName },
      })
    }
  }
  await copy(store, evidenceName, `${stem}.json`)
  return { bytes, evidence: `${stem}.json` }
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
