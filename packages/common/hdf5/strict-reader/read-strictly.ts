import { mostDatasets } from '../../results/result-schema.ts'
import { readDataset, type StrictDataset } from './dataset.ts'
import { FileBlocks } from './file-blocks.ts'
import { readGroup, type StrictGroup } from './group.ts'
import { readObjectHeader } from './object-header.ts'
import { Damage, NotOurs, ours, type StrictCheck } from './outcome.ts'
import { StrictFile } from './strict-file.ts'
import { readSuperblock3 } from './superblock-3.ts'

export type StrictReading =
  | { readonly kind: 'ours'; readonly file: StrictFile }
  /** One of ours, or nearly so, with this check failing: not even libhdf5 could read it. */
  | { readonly kind: 'damaged'; readonly check: StrictCheck; readonly detail: string }
  /** Whatever it is, only libhdf5 can say. */
  | { readonly kind: 'not-ours'; readonly because: string }

/**
 * Reads a file that is exactly as this project writes its results, without libhdf5: superblock 3, object headers of version
 * 2, one group of at most 16 datasets, each chunked with Fletcher32 or a scalar. It verifies every checksum, believes
 * nothing before it is verified, holds every offset and length against the file, and lets no two blocks share a byte:
 * its time and memory are bounded by the size of the file. Anything it does not know, down to a bit, makes the file
 * 'not-ours'. It never throws. docs/hostile-files.md tells which bytes are covered by what.
 * @param bytes the whole file; results are views of it.
 */
export function readStrictly(bytes: Uint8Array): StrictReading {
  try {
    return { kind: 'ours', file: readFile(new FileBlocks(plainView(bytes))) }
  } catch (error) {
    if (error instanceof NotOurs) return { kind: 'not-ours', because: error.message }
    if (error instanceof Damage) return { kind: 'damaged', check: error.check, detail: error.message }
    throw error
  }
}

/** A Buffer is a Uint8Array whose slice() is no copy; nothing here may depend on which of them it was given. */
function plainView({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, length)
}

function readFile(file: FileBlocks): StrictFile {
  const rootAt = readSuperblock3(file)
  const root = readGroupAt(file, rootAt, '/')
  const [member, another] = root.links
  ours(member !== undefined && another === undefined, 'it holds not one group')
  const group = readGroupAt(file, member.address, `/${member.name}`)
  ours(group.links.length <= mostDatasets, `it has more than ${mostDatasets} datasets`)
  const datasets = new Map<string, StrictDataset>()
  for (const { name, address } of group.links) {
    const path = `/${member.name}/${name}`
    datasets.set(name, readDataset(file, readObjectHeader(file, address, `the object header of ${path}`), path))
  }
  file.demandZeroElsewhere()
  return new StrictFile({ root, name: member.name, group, datasets })
}

function readGroupAt(file: FileBlocks, at: number, path: string): StrictGroup {
  return readGroup(file, readObjectHeader(file, at, `the object header of ${path}`), path)
}
