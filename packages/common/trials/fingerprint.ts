const longest = 200

/**
 * What failures of one cause have in common: the error code and its message without what differs from attempt to attempt
 * (the key of the configuration, paths, hexadecimal, numbers).
 */
export function fingerprintOf(failure: { readonly code: string; readonly message: string }, key: string): string {
  const { code, message } = failure
  const text = message
    .replaceAll(key, '<key>')
    .replace(/(?<![\w<])(?:[a-z]+:\/\/|[A-Za-z]:\\|\.{0,2}\/)[^\s'"`,;:()<>[\]]+/g, '<path>')
    .replace(/\b(?:0x[0-9a-f]+|(?=[a-f]*[0-9])[0-9a-f]{8}(?:-?[0-9a-f]{4}){3}-?[0-9a-f]{12})\b/gi, '<hex>')
    .replace(/\b(?=[0-9]*[a-f])(?=[a-f]*[0-9])[0-9a-f]{6,}\b/gi, '<hex>')
    .replace(/[-+]?\d+(?:[.,]\d+)*(?:e[-+]?\d+)?/gi, '<n>')
    .replace(/\s+/g, ' ')
    .trim()
  return `${code}: ${text}`.slice(0, longest).toWellFormed()
}
