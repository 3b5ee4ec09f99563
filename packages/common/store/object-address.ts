import type { Store } from './store.ts'

/** The address of an object, for people and programs outside: of the file itself in a file store. */
export function addressOf({ url }: Store, name: string): string {
  // What follows the path of s3://bucket/prefix?... is for Windrow alone; other programs have settings of their own.
  const folder = url.startsWith('s3:') ? url.replace(/\?.*$/, '') : url
  const separator = folder.endsWith('/') ? '' : '/'
  return url.startsWith('file:')
    ? new URL(`${folder}${separator}${encodeURI(name)}`).href
    : `${folder}${separator}${name}`
}
