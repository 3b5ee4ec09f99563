import { closeSync, createReadStream, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { createInterface } from 'node:readline'
import type { FileReading } from '@windrow/common/file-merging/read-file.ts'
import { writeFully } from '@windrow/common/files/whole-transfers.ts'
import { errnoOf, translateLocalFileError } from '@windrow/common/store/file-errors.ts'
import { z } from 'zod'
import { sha256OfFile } from '../running/output-path.ts'

/** Said of a merged file before it gets its name. */
const outputSchema = z.object({ output: z.string(), directory: z.string(), sha256: z.string(), bytes: z.number() })
export type AuditedOutput = z.infer<typeof outputSchema>

/** The audit of merges of files into one output: a line of JSON for every file that is read, and for every output. */
export interface FileMergeAudit {
  write(line: object): void
  read(reading: FileReading): void
  close(): void
}

const bufferBytes = 1 << 16

/** `layouts.h5` -> `layouts.audit.jsonl`: where the audit of its merges is. */
export function auditPathOf(output: string): string {
  return `${output.slice(0, output.length - extname(output).length)}.audit.jsonl`
}

/** Opens an audit to write on at its end; DISK_FULL or FILE_UNREADABLE when it cannot be written. */
export function openFileMergeAudit(path: string): FileMergeAudit {
  const fd = translated(path, () => openSync(path, 'a', 0o644))
  let pending = ''
  const flush = () => {
    const text = Buffer.from(pending)
    pending = ''
    translated(path, () => writeFully(fd, text))
  }
  const write = (line: object) => {
    pending += `${JSON.stringify(line)}\n`
    if (pending.length >= bufferBytes) flush()
  }
  return {
    write,
    read: ({ found, bad, ...reading }) =>
      write({
        ...reading,
        bad: bad.map(({ numbers: _, ...named }) => named),
        found: found.map(({ key, facts, notCarried }) => ({
          ...{ key, contentSha256: facts.contentSha256 },
          ...(notCarried.length > 0 && { notCarried }),
        })),
      }),
    close() {
      try {
        flush()
      } finally {
        closeSync(fd)
      }
    },
  }
}

/** Whether the file at `path` is, whole, what an audited merge of this folder made. A file that is not there is. */
export async function isEarlierOutput(path: string, { audit, directory }: { audit: string; directory: string }) {
  const there = await stat(path).catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') return undefined
    throw translateLocalFileError(error, path)
  })
  if (!there) return true
  const candidates = there.isFile() ? await outputsIn(audit, directory) : []
  if (!candidates.some(({ bytes }) => bytes === there.size)) return false
  const digest = await sha256OfFile(path)
  return candidates.some(({ sha256 }) => sha256 === digest)
}

async function outputsIn(audit: string, directory: string): Promise<AuditedOutput[]> {
  const outputs: AuditedOutput[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(audit) })) {
      if (!line.startsWith('{"output":')) continue
      const parsed = outputSchema.safeParse(parsedJson(line))
      if (parsed.success && parsed.data.directory === directory) outputs.push(parsed.data)
    }
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw translateLocalFileError(error, audit)
  }
  return outputs
}

/** A line that a crash cut off says nothing. */
function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

function translated<Result>(path: string, call: () => Result): Result {
  try {
    return call()
  } catch (error) {
    throw translateLocalFileError(error, path)
  }
}
