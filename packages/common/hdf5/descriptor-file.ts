import { fstatSync, ftruncateSync } from 'node:fs'
import { readFully, writeFully } from '../files/whole-transfers.ts'
import type { Hdf5Library } from './library.ts'

/** A file that libhdf5 sees, whose bytes are those of one descriptor opened beforehand. */
export interface DescriptorFile {
  /** What the operating system answered first when it refused to read or write; libhdf5 may tell only at the end. */
  readonly failure: Error | undefined
}

interface StatAnswer {
  readonly [field: string]: number | Date
}

const regularFile = 0o100000
const noSpaceLeft = 51
const inputOutputError = 29

/**
 * Puts the file of an open descriptor at a reserved `path` of the library's file system. The library thereby works on
 * a file of any size with flat memory and still reaches nothing else of this machine. The descriptor stays the
 * caller's: it is not closed, and not synced to the disk, here. `size` limits a reader to the bytes it was told about;
 * without it the descriptor's own size is taken.
 */
export function mountDescriptor(
  library: Hdf5Library,
  path: string,
  { fd, size }: { readonly fd: number; readonly size?: number },
): DescriptorFile {
  const state: { failure: Error | undefined; size: number } = { failure: undefined, size: size ?? fstatSync(fd).size }
  const guard = <Result>(work: () => Result): Result => {
    try {
      return work()
    } catch (error) {
      state.failure ??= error instanceof Error ? error : new Error(String(error))
      const full = error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')
      throw new library.files.ErrnoError(full ? noSpaceLeft : inputOutputError)
    }
  }
  const node = library.files.createFile('/', path.slice(1), {}, true, true)
  node.node_ops = {
    getattr: () => attributesOf(node.id, state.size),
    setattr: (_: unknown, changes: { size?: number }) => {
      const length = changes.size
      if (length === undefined) return
      guard(() => ftruncateSync(fd, length))
      state.size = length
    },
  }
  node.stream_ops = {
    llseek: (stream: { position: number }, offset: number, whence: number) =>
      offset + (whence === 1 ? stream.position : whence === 2 ? state.size : 0),
    read: (_: unknown, heap: Int8Array, offset: number, length: number, position: number) =>
      guard(() =>
        readFully(fd, heap.subarray(offset, offset + Math.max(0, Math.min(length, state.size - position))), position),
      ),
    write: (_: unknown, heap: Int8Array, offset: number, length: number, position: number) => {
      guard(() => writeFully(fd, heap.subarray(offset, offset + length), position))
      state.size = Math.max(state.size, position + length)
      return length
    },
  }
  return state
}

function attributesOf(inode: number, size: number): StatAnswer {
  // No time of this machine may reach the file: everything happened at the start of the epoch.
  const start = new Date(0)
  return {
    ...{ dev: 1, ino: inode, mode: regularFile | 0o666, nlink: 1, uid: 0, gid: 0, rdev: 0, blksize: 4096 },
    ...{ size, blocks: Math.ceil(size / 512), atime: start, mtime: start, ctime: start },
  }
}
