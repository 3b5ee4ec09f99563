import { createHash } from 'node:crypto'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2CommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { WindrowError } from '../errors/windrow-error.ts'
import { replaceFile } from './copy-files.ts'
import { parseS3Url, type S3Address } from './s3-address.ts'
import { connectS3, type S3Settings, usualS3Settings } from './s3-client.ts'
import { isNameTaken, isNoSuchObject, s3CodeOf, translateS3Error } from './s3-errors.ts'
import { repeatedly } from './s3-repetition.ts'
import { type Upload, uploadOfBytes, withFileUpload } from './s3-upload.ts'
import type { Store, StoredObject } from './store.ts'
import { checkStoreFolder, checkStoreName, checkStorePrefix, invalidName } from './store-name.ts'

/**
 * Opens the store in a bucket of Amazon S3 or a server that speaks its language:
 *
 *     s3://bucket/prefix                                              Amazon, region from AWS_REGION or the profile
 *     s3://bucket/prefix?region=eu-north-1                            Amazon, this region
 *     s3://bucket/prefix?endpoint=https://minio.example.org:9000      another server (path style is on with an endpoint)
 *
 * More parameters: `path-style=true|false`, and `checksums=when-required|when-supported` (the SDK's own checksums besides
 * Content-MD5, off unless wished: few other servers take them all). The address is all that producer, workers, merger and
 * commands must share; the key is never in it, it comes from the SDK's default chain on each machine (AWS_ACCESS_KEY_ID
 * and AWS_SECRET_ACCESS_KEY, AWS_PROFILE, a container's or instance's role), as does what the address leaves open
 * (AWS_REGION, AWS_ENDPOINT_URL_S3; then say path-style=true where it is needed).
 *
 * One request looks whether bucket and key are good. Throws USAGE, STORE_UNAVAILABLE (no bucket, no server) and
 * STORE_REFUSED (key, secret, or the clock of this machine).
 */
export async function openS3Store(url: string, settings: Partial<S3Settings> = {}): Promise<Store> {
  const address = parseS3Url(url)
  const all = { ...usualS3Settings, ...settings }
  const store = new S3Store({ address, settings: all, client: await connectS3(address, all) })
  await store.assertPresent()
  return store
}

interface S3Parts {
  readonly address: S3Address
  readonly settings: S3Settings
  readonly client: S3Client
}

/** Metadata of an object: the call that created it, and the digest of its bytes. Names of metadata are case-insensitive. */
const creationField = 'windrow-creation'
const md5Field = 'windrow-md5'

/** Bytes that differ from their digest on this many reads are not damaged on the way: whoever reads them must judge. */
const readsBeforeBelieved = 3

/** S3 keys, in bytes. */
const longestKey = 1024

class S3Store implements Store {
  readonly url: string
  readonly #address: S3Address
  readonly #settings: S3Settings
  readonly #client: S3Client
  readonly #bucket: { readonly Bucket: string }

  constructor({ address, settings, client }: S3Parts) {
    this.url = address.url
    this.#address = address
    this.#settings = settings
    this.#client = client
    this.#bucket = { Bucket: address.bucket }
  }

  /** Throws what is wrong with server, bucket or key. */
  async assertPresent(): Promise<void> {
    await this.#request('read', '', () => this.#page({ Prefix: this.#address.prefix, MaxKeys: 1 }))
  }

  async create(name: string, bytes: Uint8Array): Promise<'created' | 'exists'> {
    return await this.#create(this.#keyOf(name), name, uploadOfBytes(bytes))
  }

  async createFromFile(name: string, path: string): Promise<'created' | 'exists'> {
    const key = this.#keyOf(name)
    return await withFileUpload(path, async (upload) => {
      // Spares the sending of what would be refused; only the conditional PUT decides.
      const holder = await this.#request('write', name, () => this.#holderOf(key))
      return holder ? 'exists' : await this.#create(key, name, upload)
    })
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const Key = this.#keyOf(name)
    let reads = 0
    return await this.#request('read', name, async () => {
      const answer = await this.#get(Key)
      if (!answer) return undefined
      const bytes = await answer.Body!.transformToByteArray()
      this.#judgeTransfer(answer, { name, digest: createHash('md5').update(bytes).digest('hex'), reads: ++reads })
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    })
  }

  async readToFile(name: string, path: string): Promise<boolean> {
    const Key = this.#keyOf(name)
    let reads = 0
    return await this.#request('read', name, async () => {
      const answer = await this.#get(Key)
      if (!answer) return false
      await replaceFile(path, async (file) => {
        const hash = createHash('md5')
        for await (const chunk of this.#chunksOf(answer, name)) {
          hash.update(chunk)
          await file.writeFile(chunk)
        }
        this.#judgeTransfer(answer, { name, digest: hash.digest('hex'), reads: ++reads })
      })
      return true
    })
  }

  async *list(prefix: string): AsyncIterable<StoredObject> {
    checkStorePrefix(prefix)
    for await (const { Contents = [] } of this.#pages(prefix, {})) {
      for (const { Key = '', Size } of Contents) {
        // Consoles and mounts put empty objects where they show folders.
        if (!Key.endsWith('/')) yield { name: this.#nameOf(Key), size: Size ?? 0 }
      }
    }
  }

  async folders(prefix: string): Promise<string[]> {
    checkStoreFolder(prefix)
    const found: string[] = []
    for await (const { CommonPrefixes = [] } of this.#pages(prefix, { Delimiter: '/' })) {
      for (const folder of CommonPrefixes) found.push(this.#nameOf(folder.Prefix ?? '').slice(prefix.length, -1))
    }
    return found.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  }

  async remove(name: string): Promise<void> {
    const Key = this.#keyOf(name)
    await this.#request('write', name, async () => {
      await this.#client.send(new DeleteObjectCommand({ ...this.#bucket, Key }))
    })
  }

  /**
   * A single PUT that the server refuses when the name is taken, repeated when it is not known what came of it. The object
   * names the call that made it: a name that our own first try took, whose answer was lost, is ours.
   */
  async #create(Key: string, name: string, upload: Upload): Promise<'created' | 'exists'> {
    const creation = this.#settings.randomness.id()
    const input = {
      ...this.#bucket,
      Key,
      IfNoneMatch: '*',
      ContentLength: upload.length,
      ContentMD5: upload.md5.toString('base64'),
      Metadata: { [creationField]: creation, [md5Field]: upload.md5.toString('hex') },
    }
    return await this.#request('write', name, async () => {
      try {
        await upload.withBody((Body, abortSignal) =>
          this.#client.send(new PutObjectCommand({ ...input, Body }), { ...(abortSignal && { abortSignal }) }),
        )
        return 'created'
      } catch (error) {
        if (!isNameTaken(error)) throw error
        return (await this.#holderOf(Key))?.creation === creation ? 'created' : 'exists'
      }
    })
  }

  /** Who created the object, undefined when there is none. */
  async #holderOf(Key: string): Promise<{ creation?: string | undefined } | undefined> {
    try {
      const { Metadata } = await this.#client.send(new HeadObjectCommand({ ...this.#bucket, Key }))
      return { creation: Metadata?.[creationField] }
    } catch (error) {
      // The answer to a HEAD has no body that would tell more.
      if (s3CodeOf(error) === 'NotFound' || isNoSuchObject(error)) return undefined
      throw error
    }
  }

  async #get(Key: string): Promise<GetObjectCommandOutput | undefined> {
    try {
      return await this.#client.send(new GetObjectCommand({ ...this.#bucket, Key }))
    } catch (error) {
      if (isNoSuchObject(error)) return undefined
      throw error
    }
  }

  /** The bytes of an answer; what breaks them off is the store's fault, not that of the file they are written to. */
  async *#chunksOf({ Body }: GetObjectCommandOutput, name: string): AsyncIterable<Uint8Array> {
    try {
      yield* Body as AsyncIterable<Uint8Array>
    } catch (error) {
      throw translateS3Error(error, { address: this.#address, name, act: 'read' })
    }
  }

  /** Throws STORE_UNAVAILABLE, which has it read again, when the bytes are not those that were stored. */
  #judgeTransfer({ Metadata }: GetObjectCommandOutput, read: { name: string; digest: string; reads: number }): void {
    const stored = Metadata?.[md5Field]
    if (stored === undefined || stored === read.digest || read.reads >= readsBeforeBelieved) return
    throw new WindrowError('STORE_UNAVAILABLE', {
      message: `${read.name} in ${this.url} arrives damaged: its MD5 is ${read.digest}, stored was ${stored}.`,
      context: { name: read.name, store: this.url },
    })
  }

  async *#pages(prefix: string, more: { Delimiter?: string }): AsyncIterable<ListObjectsV2CommandOutput> {
    const Prefix = this.#address.prefix + prefix
    const MaxKeys = this.#settings.namesPerPage
    let ContinuationToken: string | undefined
    do {
      const page = await this.#request('read', prefix, () =>
        this.#page({ MaxKeys, ...more, Prefix, ContinuationToken }),
      )
      yield page
      ContinuationToken = page.IsTruncated ? page.NextContinuationToken : undefined
    } while (ContinuationToken !== undefined)
  }

  async #page(input: Omit<ListObjectsV2Command['input'], 'Bucket'>): Promise<ListObjectsV2CommandOutput> {
    const page = await this.#client.send(new ListObjectsV2Command({ ...this.#bucket, ...input }))
    const isWhole = page.Name !== undefined && (!page.IsTruncated || page.NextContinuationToken !== undefined)
    if (isWhole) return page
    // An empty page would pass for a store in which nothing is done.
    throw new WindrowError('STORE_UNAVAILABLE', {
      message: `What answers at ${this.url} lists nothing as an S3 server does.`,
      context: { store: this.url },
      next: 'Check the endpoint in the address.',
    })
  }

  #keyOf(name: string): string {
    checkStoreName(name)
    const key = this.#address.prefix + name
    if (Buffer.byteLength(key) > longestKey) throw invalidName(name, `is too long under the prefix of ${this.url}`)
    return key
  }

  #nameOf(key: string): string {
    return key.slice(this.#address.prefix.length)
  }

  async #request<Answer>(act: 'read' | 'write', name: string, request: () => Promise<Answer>): Promise<Answer> {
    try {
      return await repeatedly(this.#settings, request)
    } catch (error) {
      throw translateS3Error(error, { address: this.#address, name, act })
    }
  }
}
