/**
 * One text for one value, whoever writes it: names sorted by code unit, no spaces, numbers as ECMAScript prints them
 * (RFC 8785 but for its treatment of lone surrogates). Throws TypeError for what JSON cannot say (NaN, undefined, functions).
 */
export function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value)
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value)
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object') {
    let members = ''
    for (const [name, member] of Object.entries(value).sort(byName)) {
      if (member === undefined) continue
      members += `${members === '' ? '' : ','}${JSON.stringify(name)}:${canonicalJson(member)}`
    }
    return `{${members}}`
  }
  throw new TypeError(`${typeof value} ${String(value)} has no canonical JSON`)
}

const byName = ([a]: [string, unknown], [b]: [string, unknown]) => (a < b ? -1 : 1)
