const limitBytes = 1024 * 1024
const headBytes = limitBytes / 2

/** Keeps the head and the tail of a log, at most 1 MiB, and says how much it left out between them. */
export interface LogTail {
  write(chunk: Uint8Array): void
  bytes(): Uint8Array
}

export function createLogTail(): LogTail {
  const head: Uint8Array[] = []
  let tail: Uint8Array[] = []
  let headSize = 0
  let tailSize = 0
  let dropped = 0
  return {
    write(chunk) {
      const room = headBytes - headSize
      if (room > 0) {
        head.push(chunk.subarray(0, room))
        headSize += Math.min(room, chunk.length)
      }
      const rest = room > 0 ? chunk.subarray(room) : chunk
      if (rest.length === 0) return
      tail.push(rest)
      tailSize += rest.length
      // Compacted at twice its size, so that many small writes cost no more than few large ones.
      if (tailSize > 2 * headBytes) {
        const kept = Buffer.concat(tail).subarray(-headBytes)
        dropped += tailSize - kept.length
        tail = [kept]
        tailSize = kept.length
      }
    },
    bytes() {
      const kept = Buffer.concat(tail).subarray(-headBytes)
      const left = dropped + tailSize - kept.length
      const gap = left > 0 ? [Buffer.from(`\n... ${left} bytes left out ...\n`)] : []
      return Buffer.concat([...head, ...gap, kept])
    },
  }
}
