import type { Hdf5Reader } from '../hdf5/reader.ts'
import type { Hdf5Writer } from '../hdf5/writer.ts'
import type { DatasetContents, ResultContents } from '../results/contents.ts'
import { chunksOf } from '../results/encode-result.ts'
import { type MergedFile, paths } from './merged-file.ts'
import { writeInit } from './write-index.ts'

/**
 * The keyed file: a group for each merged configuration under its key, with the datasets and attributes of its result,
 * so that `f['farm0_t0_s0']['layout'][0]` and `attrs['status'] == 'success'` work as they always did.
 */
export function keyedFile(writer: Hdf5Writer): MergedFile {
  writer.createGroup(paths.init)
  return {
    add: (contents) => writeConfiguration(writer, contents),
    finish: (end) => writeInit(writer, end),
  }
}

/** Reads a configuration's group back: all that its content digest covers. */
export function readKeyedConfiguration(
  reader: Hdf5Reader,
  key: string,
  limitBytes: number,
): Omit<ResultContents, 'configurationDigest'> {
  const datasets: Record<string, DatasetContents> = {}
  for (const { name, kind } of reader.members(`/${key}`)) {
    if (kind !== 'dataset') throw new TypeError(`/${key}/${name} is no dataset`)
    datasets[name] = reader.read(`/${key}/${name}`, limitBytes)
  }
  return { key, attributes: Object.fromEntries(reader.attributes(`/${key}`)), datasets }
}

function writeConfiguration(writer: Hdf5Writer, { key, attributes, datasets }: ResultContents): void {
  const group = `/${key}`
  writer.createGroup(group)
  for (const name of Object.keys(datasets).sort()) writeDataset(writer, `${group}/${name}`, datasets[name]!)
  for (const name of Object.keys(attributes).sort()) {
    writer.writeAttribute(group, name, attributes[name]!, { encoding: 'variable-utf8' })
  }
}

/** Scalars stay scalars, as the original consumers read them; the content digest covers them. Others are checksummed. */
function writeDataset(writer: Hdf5Writer, path: string, dataset: DatasetContents): void {
  const storage = dataset.shape.length === 0 ? {} : { chunks: chunksOf(dataset), fletcher32: true }
  writer.writeDataset(path, { ...dataset, ...storage })
}
