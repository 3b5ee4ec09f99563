import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { isInside, pass, passSync, tellUnnamed } from './passing.ts'

type Call = (...given: unknown[]) => unknown

const changing = ['link', 'rename', 'unlink', 'rm', 'rmdir', 'mkdir', 'mkdtemp', 'writeFile', 'appendFile', 'copyFile']
const alsoChanging = ['truncate', 'symlink', 'chmod', 'utimes', 'cp']

/** Makes every change to local files, but for those that the store makes, pass a point. */
export function nameFiles(): void {
  const promises = fs.promises as unknown as Record<string, Call>
  const sync = fs as unknown as Record<string, Call>
  for (const name of [...changing, ...alsoChanging]) {
    promises[name] = waiting(name, promises[name]!)
    sync[`${name}Sync`] = immediate(name, sync[`${name}Sync`]!)
  }
  nameOpening(promises, sync)
  syncBuiltinESMExports()
}

const failure = (call: string) => () =>
  Object.assign(new Error(`EIO: i/o error, ${call}`), { code: 'EIO', errno: -5, syscall: call })

function waiting(name: string, original: Call): Call {
  return function (this: unknown, ...given: unknown[]) {
    const call = async () => await Reflect.apply(original, this, given)
    const operation = isInside() ? undefined : operationOf(name, given)
    return operation === undefined ? call() : pass({ operation, call, failure: failure(name) })
  }
}

function immediate(name: string, original: Call): Call {
  return function (this: unknown, ...given: unknown[]) {
    const call = () => Reflect.apply(original, this, given)
    const operation = isInside() ? undefined : operationOf(name, given)
    return operation === undefined ? call() : passSync({ operation, call, failure: failure(name) })
  }
}

/** Files that are opened for writing, and what is then written to them. */
function nameOpening(promises: Record<string, Call>, sync: Record<string, Call>): void {
  const written = new Map<unknown, string>()
  const [open, openSync] = [promises.open!, sync.openSync!]
  const [openNamed, openSyncNamed] = [waiting('open', open), immediate('open', openSync)]
  promises.open = async function (this: unknown, ...given: unknown[]) {
    if (isInside() || !isForWriting(given[1])) return await Reflect.apply(open, this, given)
    const handle = (await Reflect.apply(openNamed, this, given)) as object
    return nameHandle(handle, String(given[0]))
  }
  sync.openSync = function (this: unknown, ...given: unknown[]) {
    if (isInside() || !isForWriting(given[1])) return Reflect.apply(openSync, this, given)
    const descriptor = Reflect.apply(openSyncNamed, this, given)
    written.set(descriptor, String(given[0]))
    return descriptor
  }
  for (const name of ['writeSync', 'ftruncateSync']) {
    const original = sync[name]!
    sync[name] = function (this: unknown, ...given: unknown[]) {
      const path = written.get(given[0])
      const call = () => Reflect.apply(original, this, given)
      if (path === undefined || isInside()) return call()
      return passSync({ operation: `files.write:${whatIs(path)}`, call, failure: failure('write') })
    }
  }
  const closeSync = sync.closeSync!
  sync.closeSync = function (this: unknown, ...given: unknown[]) {
    written.delete(given[0])
    return Reflect.apply(closeSync, this, given)
  }
}

function nameHandle(handle: object, path: string): object {
  return new Proxy(handle, {
    get(target, property) {
      const member = Reflect.get(target, property, target)
      if (typeof member !== 'function') return member
      const called = async (...given: unknown[]) => await Reflect.apply(member, target, given)
      if (!['write', 'writeFile', 'appendFile', 'truncate'].includes(String(property))) return called
      return (...given: unknown[]) =>
        pass({ operation: `files.write:${whatIs(path)}`, call: () => called(...given), failure: failure('write') })
    },
  })
}

function isForWriting(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0
  return typeof flags === 'string' && /[wa+]/.test(flags)
}

/** Named by the file that a call is about: of a link the new name, of a renaming the old one. */
function operationOf(call: string, given: readonly unknown[]): string | undefined {
  const path = String(call === 'link' ? given[1] : given[0])
  const what = whatIs(path)
  if (what !== undefined) return `files.${call}:${what}`
  tellUnnamed(`files.${call} ${path}`)
  return undefined
}

function whatIs(path: string): string | undefined {
  return files.find(([pattern]) => pattern.test(path))?.[1]
}

/** The local files of worker and merger; the test gives their folders these names. */
const files: readonly (readonly [RegExp, string])[] = [
  [/\/attempt-[^/]*$/, 'attempt-folder'],
  [/\/merge-[^/]*$/, 'merge-folder'],
  [/\/scratch(-[^/]*)?$/, 'scratch'],
  [/\/spool(-[^/]*)?$/, 'spool'],
  [/\.spooled\.part$/, 'spool-part'],
  [/\.spooled$/, 'spooled'],
  [/\.partial$/, 'merged-file'],
  [/\.rows$/, 'rows'],
  [/\/certificate\.json$/, 'certificate'],
  [/\/audit\.jsonl$/, 'audit'],
]
