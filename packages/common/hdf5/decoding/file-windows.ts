import { readFully } from '../../files/whole-transfers.ts'
import { Damage } from '../strict-reader/outcome.ts'

const windowBytes = 1 << 18
const windowsKept = 4

interface Window {
  from: number
  bytes: Uint8Array
  /** What `bytes` is a part of; used again for another window. */
  readonly room: Uint8Array
}

/** Reads a file of any size in a few windows, for what lies near to what was read before. */
export class FileWindows {
  readonly #fd: number
  readonly #size: number
  /** The one that was used last comes first. */
  readonly #windows: Window[] = []

  constructor(fd: number, size: number) {
    this.#fd = fd
    this.#size = size
  }

  /** Bytes [at, at + length), good until more are read; Damage when the file ends before. */
  read(at: number, length: number): Uint8Array {
    if (!(at >= 0 && length >= 0 && at + length <= this.#size)) {
      throw new Damage('bounds', `Bytes ${at} to ${at + length} are wanted; the file has ${this.#size}.`)
    }
    const { from, bytes } = this.#windowOf(at, length)
    return bytes.subarray(at - from, at - from + length)
  }

  #windowOf(at: number, length: number): Window {
    const place = this.#windows.findIndex(({ from, bytes }) => at >= from && at + length <= from + bytes.length)
    const [known] = place < 0 ? [] : this.#windows.splice(place, 1)
    const window = known ?? this.#load(this.#oldest(length), at, length)
    this.#windows.unshift(window)
    return window
  }

  /** The window that was not used for longest, once there are enough of them; none is kept for what is larger. */
  #oldest(length: number): Window {
    const oldest = this.#windows.length < windowsKept ? undefined : this.#windows.pop()
    if (oldest && length <= oldest.room.length) return oldest
    return { from: 0, bytes: new Uint8Array(0), room: new Uint8Array(Math.max(length, windowBytes)) }
  }

  #load(window: Window, at: number, length: number): Window {
    const bytes = window.room.subarray(0, Math.min(Math.max(length, windowBytes), this.#size - at))
    if (readFully(this.#fd, bytes, at) < bytes.length)
      throw new Damage('bounds', `The file ends before byte ${at + bytes.length}.`)
    window.from = at
    window.bytes = bytes
    return window
  }
}
