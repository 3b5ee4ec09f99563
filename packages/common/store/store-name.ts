import { WindrowError } from '../errors/windrow-error.ts'
import { names } from './names.ts'

/** The file in the root of a file store that tells a store from an empty mount point. No object may have this name. */
export const storeMarkerName = 'windrow-store.json'

/** Files in the root of a file store that are no objects. */
export const reservedNames: ReadonlySet<string> = new Set([storeMarkerName, names.cluster])

/** What file systems and S3 both take, in bytes. */
const longestPart = 255
const longestName = 1000

/**
 * Checks that `name` may name an object: parts separated by `/`, none empty, none starting with a dot, no control
 * characters and no backslash. So a name never leads out of the store, whatever the adapter makes of it.
 * Throws STORE_NAME_INVALID.
 */
export function checkStoreName(name: string): void {
  const fault = name === '' ? 'is empty' : (faultOf(name) ?? name.split('/').map(faultOfPart).find(Boolean))
  if (fault) throw invalidName(name, fault)
}

/**
 * Checks the beginning of names, as `list` takes it: the last part may be cut anywhere, the others are whole.
 * Throws STORE_NAME_INVALID.
 */
export function checkStorePrefix(prefix: string): void {
  const parts = prefix.split('/')
  const last = parts.pop()
  const fault =
    faultOf(prefix) ?? parts.map(faultOfPart).find(Boolean) ?? (last === '' ? undefined : faultOfPart(last!))
  if (fault) throw invalidName(prefix, fault)
}

/** Checks a folder, as `folders` takes it: empty, or a prefix that ends with `/`. Throws STORE_NAME_INVALID. */
export function checkStoreFolder(folder: string): void {
  if (folder !== '' && !folder.endsWith('/')) throw invalidName(folder, 'is no folder: it does not end with /')
  checkStorePrefix(folder)
}

/** STORE_NAME_INVALID, with what is wrong about the name. */
export function invalidName(name: string, fault: string, cause?: unknown): WindrowError {
  return new WindrowError('STORE_NAME_INVALID', {
    message: `The store name ${JSON.stringify(name)} ${fault}.`,
    context: { name },
    cause,
  })
}

function faultOf(name: string): string | undefined {
  if (Buffer.byteLength(name) > longestName) return `is longer than ${longestName} bytes`
  if (reservedNames.has(name)) return 'is reserved'
  return forbidden.test(name) ? 'has a control character or a backslash in it' : undefined
}

function faultOfPart(part: string): string | undefined {
  if (part === '') return 'has an empty part'
  if (part.startsWith('.')) return 'has a part that starts with a dot'
  return Buffer.byteLength(part) > longestPart ? `has a part longer than ${longestPart} bytes` : undefined
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
const forbidden = /[\u0000-\u001f\u007f\\]/
