import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { isAlive } from '@windrow/common/configuration/context.ts'
import { WindrowError } from '@windrow/common/errors/windrow-error.ts'

/**
 * Takes the lock of a local directory for this process; DIRECTORY_LOCKED names who holds it. A lock whose process is gone
 * is taken over. Returns what gives it back.
 */
export async function lockDirectory(path: string, pid: number): Promise<() => Promise<void>> {
  await mkdir(dirname(path), { recursive: true })
  for (let tries = 0; tries < 3; tries++) {
    if (await createWith(path, pid)) return () => rm(path, { force: true })
    const holder = Number(await readFile(path, 'utf8').catch(absent))
    // In a container a process may well have the number of the one before it.
    if (holder > 0 && holder !== pid && isAlive(holder)) {
      throw new WindrowError('DIRECTORY_LOCKED', {
        message: `process ${holder} is running a sweep in ${dirname(path)}`,
        context: { path, holder },
      })
    }
    await rm(path, { force: true })
  }
  throw new WindrowError('DIRECTORY_LOCKED', { message: `somebody keeps taking ${path}` })
}

/** With its holder in it from the beginning: a lock without one would be taken for one that was left behind. */
async function createWith(path: string, pid: number): Promise<boolean> {
  const temporary = `${path}.${pid}`
  try {
    await writeFile(temporary, `${pid}\n`, { mode: 0o600 })
    await link(temporary, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(temporary, { force: true })
  }
}

function absent(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return ''
  throw error
}
