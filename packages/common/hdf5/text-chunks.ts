export const textChunkBytes = 65_536

/** Text as UTF-8 in pieces of one chunk, the last one shorter. */
export function* textChunks(pieces: Iterable<string>): Generator<Uint8Array> {
  const chunk = Buffer.alloc(textChunkBytes)
  let filled = 0
  for (const piece of pieces) {
    const bytes = Buffer.from(piece)
    for (let from = 0; from < bytes.length; ) {
      const taken = bytes.copy(chunk, filled, from)
      filled += taken
      from += taken
      if (filled < textChunkBytes) continue
      yield new Uint8Array(chunk)
      filled = 0
    }
  }
  yield new Uint8Array(chunk.subarray(0, filled))
}
