import { WindrowError } from '../errors/windrow-error.ts'

/**
 * What a failed TLS connection means: REDIS_UNTRUSTED when the server's certificate does not prove that it is the server that was asked
 * for, REDIS_REFUSED when it wants a certificate of ours; undefined for any other error.
 */
export function translateTlsError(error: Error & { code?: unknown }, place: string): WindrowError | undefined {
  const code = String(error.code)
  const message = error.message.trim()
  if (isRefusal.test(code)) {
    return new WindrowError('REDIS_REFUSED', {
      message: `${place} wants a certificate of ours and refuses what it gets: ${code}`,
      cause: error,
      next: 'Name a certificate that the server accepts and its key in the Redis URL: ?cert=/path/to.pem&key=/path/to.key.',
    })
  }
  const advice = adviceFor(code)
  if (advice === undefined) return undefined
  return new WindrowError('REDIS_UNTRUSTED', {
    message: `${place} shows a certificate that does not prove who it is: ${message}`,
    cause: error,
    next: advice,
  })
}

const isRefusal = /ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA|HANDSHAKE_FAILURE)$/

/** Node's codes for a certificate that did not pass (https://nodejs.org/api/tls.html, "X509 certificate error codes"). */
function adviceFor(code: string): string | undefined {
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return 'Use a host name in the Redis URL that is in the certificate, or a certificate that names this host.'
  if (code === 'CERT_HAS_EXPIRED') return 'Renew the certificate of Redis (or set the clock of this machine).'
  if (code === 'CERT_NOT_YET_VALID') return 'Set the clock of this machine, or wait until the certificate is valid.'
  if (!/CERT|SELF_SIGNED|ISSUER|^UNABLE_TO_VERIFY|^INVALID_(CA|PURPOSE)$/.test(code)) return undefined
  return 'Name the file of the authority that signed it: rediss://...?ca=/path/to/ca.pem (or NODE_EXTRA_CA_CERTS for all connections).'
}
