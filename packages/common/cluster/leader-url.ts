const scheme = 'leader:'

/** Stands where the URL of a Redis may stand: the Redis of whoever leads the cluster of this file store, now and later. */
export function leaderUrl(storeUrl: string): string {
  return scheme + storeUrl
}

/** The store of such a URL; undefined for any other URL. */
export function storeOfLeaderUrl(redisUrl: string): string | undefined {
  return redisUrl.startsWith(scheme) ? redisUrl.slice(scheme.length) : undefined
}
