import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import type { FieldStore } from './field.ts'

export interface MirroredObject {
  readonly etag: string
  readonly modifiedAt: number
  readonly size: number
}

/** Copies every object of the store into a folder, under its name; returns what the store says of each. */
export async function mirrorStore(
  { client, bucket, prefix }: Omit<FieldStore, 'proxy' | 'mergerProxies'>,
  folder: string,
): Promise<Record<string, MirroredObject>> {
  const listed: Record<string, MirroredObject> = {}
  let ContinuationToken: string | undefined
  do {
    const page = await client.send(new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix, ContinuationToken }))
    const objects = page.Contents ?? []
    for (const { Key = '', ETag = '', LastModified, Size = 0 } of objects) {
      listed[Key.slice(prefix.length)] = { etag: ETag, modifiedAt: LastModified?.getTime() ?? 0, size: Size }
    }
    const waiting = objects.map(({ Key = '' }) => Key)
    const copyAll = async () => {
      for (let Key = waiting.pop(); Key !== undefined; Key = waiting.pop()) {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }))
        const path = join(folder, Key.slice(prefix.length))
        mkdirSync(dirname(path), { recursive: true })
        writeFileSync(path, await Body!.transformToByteArray())
      }
    }
    await Promise.all(Array.from({ length: 16 }, copyAll))
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken !== undefined)
  return listed
}
