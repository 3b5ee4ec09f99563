import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, sep } from 'node:path'
import { promisify } from 'node:util'
import type { Mutant } from './mutant.ts'

const run = promisify(execFile)

/** A copy of the tree in which bugs are planted. Nothing in it leads back to a source file of the original. */
export interface TreeCopy {
  readonly path: string
  /** For what its tests leave behind; it goes with the copy. */
  readonly temporary: string
  /** Plants a bug for the time of `use`. */
  withPatch<Result>(mutant: Mutant, use: () => Promise<Result>): Promise<Result>
  remove(): Promise<void>
}

/** Copies what git knows of the tree, and what is new in it, as it stands now. */
export async function copyTree(root: string): Promise<TreeCopy> {
  // Short: there are Unix sockets below it, whose paths may have 107 bytes.
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'wm-')))
  const [path, temporary] = [join(folder, 'tree'), join(folder, 't')]
  await mkdir(path)
  await mkdir(temporary)
  await copySources(root, path)
  await linkModules(root, path)
  // The Redis server that the set-up unpacked.
  const tools = join(root, '.windrow', 'tools')
  if (existsSync(tools)) {
    await mkdir(join(path, '.windrow'))
    await symlink(tools, join(path, '.windrow', 'tools'))
  }
  return {
    path,
    temporary,
    withPatch: (mutant, use) => withPatch(path, mutant, use),
    remove: () => rm(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

async function copySources(root: string, path: string): Promise<void> {
  const listing = ['ls-files', '-z', '--cached', '--others', '--exclude-standard']
  const { stdout } = await run('git', listing, { cwd: root, maxBuffer: 1 << 26 })
  for (const file of new Set(stdout.split('\0'))) {
    // A file that was deleted is still in git's index.
    if (file === '' || !existsSync(join(root, file))) continue
    await mkdir(dirname(join(path, file)), { recursive: true })
    await copyFile(join(root, file), join(path, file))
  }
}

/** Links to every package, but @windrow/*, which are folders of the copy. */
async function linkModules(root: string, path: string): Promise<void> {
  const [from, to] = [join(root, 'node_modules'), join(path, 'node_modules')]
  await mkdir(join(to, '@windrow'), { recursive: true })
  for (const name of await readdir(from)) {
    if (name !== '@windrow' && name !== '.cache') await symlink(join(from, name), join(to, name))
  }
  for (const name of await readdir(join(from, '@windrow'))) {
    const there = await realpath(join(from, '@windrow', name))
    const place = there.slice((await realpath(root)).length + 1)
    await symlink(join(path, place), join(to, '@windrow', name))
    await demandWithin(path, join(to, '@windrow', name))
  }
}

/** Were a link to lead back to the original, no bug would ever be run. */
async function demandWithin(path: string, link: string): Promise<void> {
  const target = await realpath(link)
  if (!target.startsWith(path + sep)) throw new Error(`${link} leads out of the copy, to ${target}`)
}

async function withPatch<Result>(path: string, mutant: Mutant, use: () => Promise<Result>): Promise<Result> {
  const before = await Promise.all(mutant.changes.map((file) => readFile(join(path, file))))
  try {
    await run('git', ['apply', mutant.path], {
      cwd: path,
      env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(path) },
    })
    return await use()
  } finally {
    await Promise.all(mutant.changes.map((file, place) => writeFile(join(path, file), before[place]!)))
  }
}
