import { existsSync } from 'node:fs'
import { clockSkipReason } from '../fixtures/clock-ahead.ts'
import { mountSmallDisk } from '../fixtures/small-disk.ts'
import { findPython, programsMissing, radosgwPrograms } from '../fixtures/test-tools.ts'

/** Why there can be no chaos run here, in the words of a skipped test; undefined when there can. */
export async function chaosSkipReason(): Promise<string | undefined> {
  const path = process.env.PATH ?? ''
  if (process.getuid?.() !== 0) return 'skipped: needs root, for a small disk and for processes of nobody'
  const missing = programsMissing({ path }, [...radosgwPrograms, 'setpriv', 'prlimit'])
  if (clockSkipReason() !== undefined) missing.push('libfaketime')
  if ((await findPython({ path, condaPrefix: process.env.CONDA_PREFIX }, ['h5py'])) === undefined) missing.push('h5py')
  if (!existsSync('/usr/bin/python3')) missing.push('/usr/bin/python3')
  if (missing.length > 0)
    return `skipped: there is no ${missing.join(', ')} here; npm run setup -- --tests tells how to get it`
  const disk = await mountSmallDisk(64)
  if ('skipped' in disk) return disk.skipped
  await disk.remove()
  return undefined
}
