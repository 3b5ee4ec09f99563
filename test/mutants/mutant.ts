import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A test file that must catch a bug; with a name, those of its tests that have it in theirs. */
export interface Catcher {
  readonly file: string
  readonly test?: string
}

/** A bug that is planted to see whether the tests notice. */
export interface Mutant {
  /** The patch's file name without number and extension. */
  readonly name: string
  /** One sentence. */
  readonly bug: string
  /** Each of them must notice. */
  readonly catchers: readonly Catcher[]
  /** Where its patch is. */
  readonly path: string
  /** The files that the patch changes. */
  readonly changes: readonly string[]
}

/** The bugs of a folder of patches, in the order of their numbers. Throws an Error that names a patch without its header. */
export async function readMutants(folder: string): Promise<Mutant[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.patch')).sort()
  return await Promise.all(
    files.map(async (file) => readMutant(join(folder, file), await readFile(join(folder, file), 'utf8'))),
  )
}

/** A patch begins with `Bug: ...` and a line `Caught by: FILE` or `Caught by: FILE > NAME` for each test. */
export function readMutant(path: string, patch: string): Mutant {
  const [header = ''] = patch.split(/^diff --git /m)
  const name = /(\d\d)-([a-z0-9-]+)\.patch$/.exec(path)?.[2]
  const bug = /^Bug: (.+)$/m.exec(header)?.[1]
  const catchers = Array.from(header.matchAll(/^Caught by: (\S+)(?: > (.+))?$/gm), ([, file, test]) => ({
    file: file!,
    ...(test !== undefined && { test }),
  }))
  const changes = Array.from(patch.matchAll(/^\+\+\+ b\/(.+)$/gm), ([, changed]) => changed!)
  if (!name || !bug || catchers.length === 0 || changes.length === 0) {
    throw new Error(`${path} is no planted bug: NN-name.patch, with the lines Bug: and Caught by:, and then a diff`)
  }
  return { name, bug, catchers, path, changes }
}

/** How a catcher is named in headers and tables. */
export const nameOf = ({ file, test }: Catcher): string => (test === undefined ? file : `${file} > ${test}`)
