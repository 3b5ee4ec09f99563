import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { type ConnectionOptions, createSecureContext } from 'node:tls'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import type { TlsFiles } from './redis-url.ts'

/**
 * What a TLS connection is made with. The server's certificate is always checked, whatever NODE_TLS_REJECT_UNAUTHORIZED
 * says: against `ca`, else against what Node trusts (its own list and NODE_EXTRA_CA_CERTS).
 * Throws FILE_UNREADABLE, with the path, for a file that is not there or holds something else.
 */
export function tlsOptions({ ca, cert, key }: TlsFiles = {}): ConnectionOptions {
  return {
    rejectUnauthorized: true,
    ...(ca !== undefined && { ca: readCertificate(ca) }),
    ...(cert !== undefined && key !== undefined && readOwnCertificate(cert, key)),
  }
}

function readCertificate(path: string): string {
  // Node passes over in silence what is no certificate, and then trusts nobody.
  return using(path, 'certificate', () => {
    const text = readFileSync(path, 'utf8')
    new X509Certificate(text)
    return text
  })
}

function readOwnCertificate(certPath: string, keyPath: string): Pick<ConnectionOptions, 'cert' | 'key'> {
  const cert = readCertificate(certPath)
  return using(keyPath, 'key of the certificate', () => {
    const key = readFileSync(keyPath, 'utf8')
    createSecureContext({ cert, key })
    return { cert, key }
  })
}

function using<Read>(path: string, what: string, read: () => Read): Read {
  try {
    return read()
  } catch (cause) {
    throw new WindrowError('FILE_UNREADABLE', {
      message: `${path}, which the Redis URL names, cannot be used as a ${what}: ${messageOf(cause)}`,
      cause,
      context: { path },
      next: 'Check the path and its permissions; the file is in the PEM format (-----BEGIN ...).',
    })
  }
}
