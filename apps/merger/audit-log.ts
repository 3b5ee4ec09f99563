import { open } from 'node:fs/promises'
import type { AuditLine } from '@windrow/common/merging/commit-readings.ts'
import { translateLocalFileError } from '@windrow/common/store/file-errors.ts'

/** The audit of a merge: a line of JSON for every file it reads. Faults of the disk are DISK_FULL or FILE_UNREADABLE. */
export interface AuditLog {
  write(line: AuditLine): Promise<void>
  /** Writes what is outstanding. */
  finish(): Promise<void>
  close(): Promise<void>
}

const bufferBytes = 1 << 16

/** Opens an audit log at `path`, which is new. */
export async function openAuditLog(path: string): Promise<AuditLog> {
  const file = await translated(path, () => open(path, 'w'))
  let pending = ''
  const flush = async () => {
    const text = pending
    pending = ''
    await translated(path, () => file.appendFile(text))
  }
  return {
    async write(line) {
      pending += `${JSON.stringify(line)}\n`
      if (pending.length >= bufferBytes) await flush()
    },
    finish: flush,
    close: () => file.close(),
  }
}

async function translated<Result>(path: string, call: () => Promise<Result>): Promise<Result> {
  try {
    return await call()
  } catch (error) {
    throw translateLocalFileError(error, path)
  }
}
