import { CreateBucketCommand } from '@aws-sdk/client-s3'
import { messageOf, WindrowError } from '@windrow/common/errors/windrow-error.ts'
import { probeStore } from '@windrow/common/store/probe-store.ts'
import { parseS3Url } from '@windrow/common/store/s3-address.ts'
import { connectS3, usualS3Settings } from '@windrow/common/store/s3-client.ts'
import { s3CodeOf, translateS3Error } from '@windrow/common/store/s3-errors.ts'
import { repeatedly } from '@windrow/common/store/s3-repetition.ts'
import { openS3Store } from '@windrow/common/store/s3-store.ts'
import { systemRandomness } from '@windrow/common/time/randomness.ts'

/** The server has only just been started, and everything else is being started beside it. */
const settings = { ...usualS3Settings, patienceMs: 60_000 }

/**
 * Makes the bucket of the store in WINDROW_STORE unless it is there already, and looks whether the store is one that
 * Windrow can rest on. Services and commands never make a bucket: who runs a server of his own does, once, with this.
 */
async function makeBucket(url: string | undefined): Promise<string> {
  if (!url) throw new WindrowError('USAGE', { message: 'WINDROW_STORE is needed: s3://bucket?endpoint=...' })
  const address = parseS3Url(url)
  const client = await connectS3(address, settings)
  const made = await repeatedly(settings, () => createBucket(client, address.bucket)).catch((error) => {
    throw translateS3Error(error, { address, name: '', act: 'write' })
  })
  client.destroy()
  await probeStore(await openS3Store(url, settings), systemRandomness)
  return made ? `Made the bucket ${address.bucket}.` : `The bucket ${address.bucket} is there.`
}

/** False when there is a bucket of this name; whether it is ours shows when it is used. */
async function createBucket(client: Awaited<ReturnType<typeof connectS3>>, Bucket: string): Promise<boolean> {
  try {
    await client.send(new CreateBucketCommand({ Bucket }))
    return true
  } catch (error) {
    if (['BucketAlreadyOwnedByYou', 'BucketAlreadyExists'].includes(s3CodeOf(error))) return false
    throw error
  }
}

try {
  console.log(await makeBucket(process.env.WINDROW_STORE))
} catch (error) {
  console.error(messageOf(error))
  if (error instanceof WindrowError) console.error(`(${error.code}) ${error.next}`)
  process.exitCode = 1
}
