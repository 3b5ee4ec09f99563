import { randomUUID } from 'node:crypto'
import { Hdf5Error, reasonOf } from './hdf5-error.ts'

export type Hdf5Module = typeof import('h5wasm').Module
/** One call into libhdf5. */
export type Hdf5Work<Result> = (module: Hdf5Module) => Result
type ModuleFactory = (options: { noInitialRun: boolean; printErr: (line: string) => void }) => Promise<Hdf5Module>

/** The part of Emscripten's file system that is used here; its own types know no `node_ops`. */
export interface SandboxFileSystem {
  open(path: unknown, flags?: unknown, mode?: unknown): unknown
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): SandboxNode
  writeFile(path: string, data: Uint8Array, options?: { canOwn?: boolean }): void
  readFile(path: string): Uint8Array
  unlink(path: string): void
  analyzePath(path: string): { exists: boolean }
  readonly streams: ReadonlyArray<{ path?: string } | null | undefined>
  readonly ErrnoError: new (errno: number) => Error
}
export interface SandboxNode {
  id: number
  mode: number
  node_ops: object
  stream_ops: object
}

/** One instance of libhdf5 as WebAssembly, shut into its own memory: it reaches no file of this machine. */
export interface Hdf5Library {
  readonly module: Hdf5Module
  readonly files: SandboxFileSystem
  /** True after a trap, or when a file could not be closed: `loadHdf5` then makes a fresh instance. */
  readonly broken: boolean
  /**
   * Runs one call into libhdf5 and throws Hdf5Error when it gives a negative status, prints an error stack, traps, or
   * tries to open any file but those reserved. `action` says what was tried.
   */
  call<Result>(action: string, work: Hdf5Work<Result>): Result
  /** Copies bytes into libhdf5's memory for the time of `work`; the pointer is 0n for no bytes. */
  withBytes<Result>(bytes: Uint8Array, work: (pointer: bigint) => Result): Result
  /** Reserves a path that no other file ever had, the only kind that can be opened. */
  reservePath(): string
  /** Removes the file of a reserved path; a stream that libhdf5 left open marks the instance broken. */
  releasePath(path: string): void
}

let current: Promise<Hdf5Library> | undefined
let held: Hdf5Library | undefined
let callReturned: (() => void) | undefined

/** Calls the listener whenever a call into libhdf5 came back in this thread: proof that none hangs. undefined: no longer. */
export function whenCallsReturn(listener: (() => void) | undefined): void {
  callReturned = listener
}

/**
 * libhdf5 (the ESM build of h5wasm) for this thread: the same instance for every caller, a fresh one once it broke.
 * Takes about 0.1 s the first time.
 */
export async function loadHdf5(): Promise<Hdf5Library> {
  const loading = current ?? instantiate()
  current = loading
  try {
    const library = await loading
    held = library
    if (!library.broken) return library
  } catch (cause) {
    if (current === loading) current = undefined
    throw cause
  }
  if (current === loading) current = undefined
  return loadHdf5()
}

/** The memory of this thread's libhdf5, which never shrinks; 0 before it is loaded. */
export function heldBytes(): number {
  return held?.module.HEAPU8.length ?? 0
}

async function instantiate(): Promise<Hdf5Library> {
  const errorLines: string[] = []
  const factory = await importFactory()
  // libhdf5 reports its error stack on standard error and nowhere else: it is kept, not printed.
  const module = await factory({
    noInitialRun: true,
    printErr: (line) => errorLines.push(line.replace(/\S+\/src\//, '')),
  })
  // No filter plugin can be there; looking for one would only blur the error of a file that names an unknown filter.
  while (module.get_plugin_search_paths().length > 0 && module.remove_plugin_search_path(0) >= 0);
  return new SandboxedLibrary(module, errorLines)
}

async function importFactory(): Promise<ModuleFactory> {
  // The factory beside the package's entry: the entry makes one instance for ever, a broken one must be replaceable.
  const imported: unknown = await import(new URL('./hdf5_util.js', import.meta.resolve('h5wasm')).href)
  if (typeof imported === 'object' && imported !== null && 'default' in imported && isFactory(imported.default)) {
    return imported.default
  }
  throw new Hdf5Error('h5wasm has no module factory; its version is not the one this project was built on')
}

function isFactory(value: unknown): value is ModuleFactory {
  return typeof value === 'function'
}

class SandboxedLibrary implements Hdf5Library {
  readonly module: Hdf5Module
  readonly files: SandboxFileSystem
  broken = false
  readonly #errorLines: string[]
  readonly #reserved = new Set<string>()
  #refusedPath: string | undefined

  constructor(module: Hdf5Module, errorLines: string[]) {
    this.module = module
    this.files = module.FS as unknown as SandboxFileSystem
    this.#errorLines = errorLines
    this.#shutFileSystem()
  }

  call<Result>(action: string, work: Hdf5Work<Result>): Result {
    this.#errorLines.length = 0
    this.#refusedPath = undefined
    if (this.broken) throw new Hdf5Error(`${action}: libhdf5 broke earlier in this thread`, { crashed: true })
    let result: Result
    try {
      result = work(this.module)
    } catch (cause) {
      throw this.#failureOf(action, cause)
    }
    callReturned?.()
    const failed = (typeof result === 'number' && result < 0) || (typeof result === 'bigint' && result < 0n)
    if (failed || this.#errorLines.length > 0 || this.#refusedPath !== undefined) throw this.#failure(action)
    return result
  }

  withBytes<Result>(bytes: Uint8Array, work: (pointer: bigint) => Result): Result {
    if (bytes.length === 0) return work(0n)
    const pointer = this.module._malloc(bytes.length) >>> 0
    if (pointer === 0) throw new Hdf5Error(`libhdf5 has no memory left for ${bytes.length} bytes`)
    try {
      this.module.HEAPU8.set(bytes, pointer)
      return work(BigInt(pointer))
    } finally {
      if (!this.broken) this.module._free(pointer)
    }
  }

  reservePath(): string {
    const path = `/${randomUUID()}.h5`
    this.#reserved.add(path)
    return path
  }

  releasePath(path: string): void {
    this.#reserved.delete(path)
    if (this.files.streams.some((stream) => stream?.path === path)) this.broken = true
    if (this.files.analyzePath(path).exists) this.files.unlink(path)
  }

  /** A file may name others (external storage, external links, /dev/stdin): only reserved paths open at all. */
  #shutFileSystem(): void {
    const open = this.files.open.bind(this.files)
    this.files.open = (path, flags, mode) => {
      if (typeof path === 'string' && !this.#reserved.has(path)) {
        this.#refusedPath = path
        throw new this.files.ErrnoError(44)
      }
      return open(path, flags, mode)
    }
  }

  #failureOf(action: string, cause: unknown): Hdf5Error {
    // h5wasm throws these itself, before it has opened anything that would leak; any other exception left wasm midway.
    const clean = cause instanceof Error && /name not defined|not supported/.test(cause.message)
    if (clean) return this.#failure(action, cause.message)
    this.broken = true
    return new Hdf5Error(`${action}: libhdf5 crashed (${cause instanceof Error ? cause.message : String(cause)})`, {
      crashed: true,
      cause,
      errorStack: this.#errorLines.join('\n'),
    })
  }

  #failure(action: string, message?: string): Hdf5Error {
    const errorStack = this.#errorLines.join('\n')
    if (this.#refusedPath !== undefined) {
      return new Hdf5Error(`${action}: it wants data of another file, ${this.#refusedPath}`, {
        errorStack,
        outside: true,
      })
    }
    return new Hdf5Error(`${action}: ${errorStack === '' && message ? message : reasonOf(errorStack)}`, { errorStack })
  }
}
