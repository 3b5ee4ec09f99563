/**
 * Finds configurations by key without holding the keys: a hash table of indices (4 bytes a slot, two slots or more a
 * configuration) that computes keys anew to compare them. Keys that differ only in case count as one.
 */
export interface KeyTable {
  /** Puts `index` in, unless a key equal but for its case is there already: then that one's index is returned. */
  insert(index: number, key: string): number | undefined
  /** The index under exactly this key. */
  find(key: string): number | undefined
}

export function keyTable(capacity: number, keyAt: (index: number) => string): KeyTable {
  const slots = new Uint32Array(2 ** Math.ceil(Math.log2(Math.max(8, 2 * capacity))))
  const mask = slots.length - 1

  /** The slot where a key equal to `key` but for its case sits, or would sit. */
  const slotOf = (key: string) => {
    let lower: string | undefined
    for (let slot = hashIgnoringCase(key) & mask; ; slot = (slot + 1) & mask) {
      const holder = slots[slot]!
      if (holder === 0) return slot
      const held = keyAt(holder - 1)
      if (held.length !== key.length) continue
      lower ??= key.toLowerCase()
      if (held === key || held.toLowerCase() === lower) return slot
    }
  }

  return {
    insert: (index, key) => {
      const slot = slotOf(key)
      if (slots[slot] !== 0) return slots[slot]! - 1
      slots[slot] = index + 1
      return undefined
    },
    find: (key) => {
      const holder = slots[slotOf(key)]!
      return holder !== 0 && keyAt(holder - 1) === key ? holder - 1 : undefined
    },
  }
}

/** FNV-1a over the key in lower case (ASCII), with the finaliser of MurmurHash3 so that the low bits are good. */
function hashIgnoringCase(key: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) {
    const code = key.charCodeAt(i)
    hash = Math.imul(hash ^ (code >= 65 && code <= 90 ? code | 32 : code), 0x01000193)
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
