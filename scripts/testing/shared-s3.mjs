import { readFileSync } from 'node:fs'
import { startRadosgw } from '../../test/fixtures/radosgw.ts'
import { programsMissing, radosgwPrograms } from '../../test/fixtures/test-tools.ts'

/**
 * One S3 server for all test files that use one, in buckets of their own: started when any of `files` does, none is named
 * in WINDROW_TEST_S3 already, and it can be started here. Ends with this process, or by the function returned.
 */
export async function shareS3Server(files) {
  const { env } = process
  const isNeeded = files.some((file) => readFileSync(file, 'utf8').includes("/fixtures/s3.ts'"))
  if (!isNeeded || env.WINDROW_TEST_S3 || programsMissing({ path: env.PATH ?? '' }, radosgwPrograms).length > 0) {
    return async () => {}
  }
  const { endpoint, accessKeyId, secretAccessKey, stop } = await startRadosgw()
  const { host } = new URL(endpoint)
  env.WINDROW_TEST_S3 = `http://${accessKeyId}:${secretAccessKey}@${host}`
  return stop
}
