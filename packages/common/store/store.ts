export interface StoredObject {
  readonly name: string
  readonly size: number
}

/**
 * Where results live: create-only names with `/` between their parts. Nothing is overwritten; only `remove` (prune and
 * delete) takes away. Adapters throw WindrowError STORE_UNAVAILABLE, STORE_READ_ONLY, STORE_FULL or STORE_NAME_INVALID
 * and nothing else (STORE_UNSAFE where a file system knows no hard links or a server no conditional create; a store on S3
 * also STORE_REFUSED and STORE_OBJECT_TOO_LARGE); faults of a local file are FILE_UNREADABLE and DISK_FULL. A call that
 * failed may have had its effect (executed, but reported as failed).
 */
export interface Store {
  /** `file:///path` or `s3://bucket/prefix`, without credentials. */
  readonly url: string
  /** Creates `name` durably and as a whole, or reports that it exists. Concurrent creators: exactly one gets 'created'. */
  create(name: string, bytes: Uint8Array): Promise<'created' | 'exists'>
  /** The same from a local file, for objects too large for memory. */
  createFromFile(name: string, path: string): Promise<'created' | 'exists'>
  /** The bytes of `name`, read afresh, or undefined when there is no such object. */
  read(name: string): Promise<Uint8Array | undefined>
  /** Writes the object to a local file (replaced if it exists); false when there is no such object. */
  readToFile(name: string, path: string): Promise<boolean>
  /** Every object whose name starts with `prefix`, in no particular order. */
  list(prefix: string): AsyncIterable<StoredObject>
  /** The folder names directly under `prefix` (which ends with `/` or is empty), sorted bytewise. */
  folders(prefix: string): Promise<string[]>
  /** Takes an object away; nothing happens when there is none. */
  remove(name: string): Promise<void>
}
