import { readAhead } from '../merging/read-ahead.ts'
import { Gathered, type NotCarriedPart, type SeveralFiles } from './gathered.ts'
import type { IgnoredFile } from './list-files.ts'
import { type BadConfiguration, type FileReading, type FileReadingPorts, readFile } from './read-file.ts'

/** What was found in a folder: everything that is not merged is named. */
export interface FolderReport {
  /** Files that were read. */
  readonly files: number
  /** Of them, those that something is merged from, or would be were it not a duplicate. */
  readonly good: number
  readonly hollow: readonly string[]
  readonly ignored: readonly IgnoredFile[]
  readonly refused: readonly RefusedFile[]
  readonly bad: readonly BadCopy[]
  readonly duplicates: readonly SeveralFiles[]
  readonly conflicts: readonly SeveralFiles[]
  readonly notCarried: readonly NotCarriedPart[]
}

export interface RefusedFile {
  readonly file: string
  readonly cause: string
  readonly detail: string
}

/** A configuration in a file that is damaged there; another file may have it whole. */
export interface BadCopy extends Omit<BadConfiguration, 'numbers'> {
  readonly file: string
}

export interface GatherPorts extends FileReadingPorts {
  /** Told of every file, in the order of their names. */
  readonly onRead: (reading: FileReading) => void | Promise<void>
}

const readsAtOnce = 16

/** Reads every file of a folder, by name, and judges everything in it. Throws what the ports throw, and when `signal` aborts. */
export async function gather(
  { directory, files, ignored }: { directory: string; files: readonly string[]; ignored: readonly IgnoredFile[] },
  ports: GatherPorts,
  signal: AbortSignal,
): Promise<{ gathered: Gathered; report: FolderReport }> {
  const gathered = new Gathered()
  const [hollow, refused, bad]: [string[], RefusedFile[], BadCopy[]] = [[], [], []]
  const passedOver: IgnoredFile[] = []
  let good = 0
  for await (const reading of readAhead(files, readsAtOnce, (file) => readFile(directory, file, ports))) {
    signal.throwIfAborted()
    const { file } = reading
    await ports.onRead(reading)
    for (const found of reading.found) gathered.add(found, file)
    for (const one of reading.bad) {
      const { numbers: _, ...named } = one
      gathered.addBad(one)
      bad.push({ file, ...named })
    }
    if (reading.found.length > 0) good++
    if (reading.refused) refused.push({ file, ...reading.refused })
    else if (reading.kind === 'hollow') hollow.push(file)
    else if (reading.passedOver !== undefined) passedOver.push({ file, why: reading.passedOver })
  }
  const { duplicates, conflicts, notCarried } = gathered
  const report = { files: files.length, good, hollow, ignored: [...ignored, ...passedOver], refused, bad }
  return { gathered, report: { ...report, duplicates, conflicts, notCarried } }
}
