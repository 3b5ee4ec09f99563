import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isWindrowError } from '../errors/windrow-error.ts'
import { parseS3Url } from './s3-address.ts'

describe('the address of a store on S3', () => {
  it('names a bucket and a prefix of Amazon', () => {
    const { url, ...rest } = parseS3Url('s3://wind-farms/sweeps of 2026/')
    assert.equal(url, 's3://wind-farms/sweeps%20of%202026')
    assert.deepEqual(rest, {
      bucket: 'wind-farms',
      prefix: 'sweeps of 2026/',
      pathStyle: false,
      checksums: 'WHEN_REQUIRED',
    })
    assert.equal(parseS3Url('s3://wind-farms').prefix, '')
    assert.equal(parseS3Url('s3://wind-farms/').url, 's3://wind-farms')
  })

  it('names another server, for which the path style is on', () => {
    const address = parseS3Url('s3://b-1/p?endpoint=https://minio.example.org:9000/&region=eu-north-1')
    assert.equal(address.endpoint, 'https://minio.example.org:9000')
    assert.equal(address.region, 'eu-north-1')
    assert.equal(address.pathStyle, true)
    assert.equal(parseS3Url('s3://b-1?endpoint=http://h:1&path-style=false').pathStyle, false)
    assert.equal(parseS3Url('s3://b-1?path-style=true').pathStyle, true)
    assert.equal(parseS3Url('s3://b-1?checksums=when-supported').checksums, 'WHEN_SUPPORTED')
  })

  it('has one form, which reads back as the same address', () => {
    for (const url of [
      's3://b-1/a/b?endpoint=http://127.0.0.1:9000&region=x&path-style=false&checksums=when-supported',
      's3://b-1/%C3%A5?endpoint=http%3A%2F%2F[::1]:9000',
    ]) {
      const address = parseS3Url(url)
      assert.deepEqual(parseS3Url(address.url), address)
    }
    assert.equal(
      parseS3Url('s3://b-1/p?region=x&endpoint=http%3A%2F%2F127.0.0.1%3A9000').url,
      's3://b-1/p?endpoint=http://127.0.0.1:9000&region=x',
    )
  })

  it('is refused when something in it is not understood, and credentials in it are not shown', () => {
    for (const wrong of [
      's3://',
      's3:///prefix',
      's3://b',
      's3://bucket:80/p',
      's3://bucket//a',
      's3://bucket/a//b',
      's3://bucket#x',
      `s3://bucket/${'x'.repeat(600)}`,
      's3://bucket?endpiont=http://h',
      's3://bucket?endpoint=minio:9000',
      's3://bucket?endpoint=http://h/?x=sesame',
      's3://bucket?path-style=yes',
      's3://bucket?checksums=never',
      's3://bucket/%zz',
      's3://key:sesame@bucket/p',
      's3://key:ses/sesame@bucket/p',
      's3://bucket?endpoint=http://key:sesame@h',
      's3://bucket?endpoint=http%3A%2F%2Fkey%3Asesame%40h',
      's3://bucket?secret=sesame',
    ]) {
      assert.throws(
        () => parseS3Url(wrong),
        (error) => {
          assert.ok(isWindrowError(error, 'USAGE'), `${wrong}: ${error}`)
          assert.ok(!error.message.includes('sesame'), error.message)
          return true
        },
        wrong,
      )
    }
  })
})
