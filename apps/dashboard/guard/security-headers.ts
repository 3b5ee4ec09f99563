/** Our own pages need a style sheet and nothing else. */
const ownPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** bull-board is a script that styles its elements inline, and asks our own API. */
const queuesPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** The headers that every answer carries. With `no-referrer` a form would send `Origin: null`, hence `same-origin`. */
export function securityHeaders(path: string): Record<string, string> {
  const isQueues = path === '/queues' || path.startsWith('/queues/')
  return {
    'content-security-policy': isQueues ? queuesPolicy : ownPolicy,
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=()',
    ...(path.startsWith('/queues/static/') ? {} : { 'cache-control': 'no-store' }),
  }
}
