import { link, mkdir, open, unlink } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * How long the disk itself takes for what a store does to create an object: write, fsync, link, fsync of the folder.
 * Returns the times of `count` such writes, ms.
 */
export async function probeFsync(
  folder: string,
  { count, bytes }: { count: number; bytes: number },
): Promise<number[]> {
  await mkdir(folder, { recursive: true })
  const content = new Uint8Array(bytes).fill(1)
  const took: number[] = []
  for (let n = 0; n < count; n++) {
    const start = performance.now()
    await createDurably(join(folder, `probe-${start}`), content)
    took.push(performance.now() - start)
  }
  return took
}

async function createDurably(path: string, content: Uint8Array): Promise<void> {
  const temporary = `${path}.tmp`
  const file = await open(temporary, 'wx')
  await file.writeFile(content)
  await file.sync()
  await file.close()
  await link(temporary, path)
  await unlink(temporary)
  const folder = await open(join(path, '..'), 'r')
  await folder.sync()
  await folder.close()
}
