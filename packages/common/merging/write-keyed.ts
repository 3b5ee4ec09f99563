import { GroupFiller } from '../hdf5/group-filler.ts'
import type { Hdf5Reader } from '../hdf5/reader.ts'
import { readStoredGroup } from '../hdf5/stored-group-reading.ts'
import type { StoredGroup } from '../hdf5/stored-object.ts'
import { type Hdf5Writer, openWriter } from '../hdf5/writer.ts'
import { type MergedFile, paths } from './merged-file.ts'
import { writeInit } from './write-index.ts'

/**
 * The keyed file: a group for each merged configuration under its key, with everything that is in it, so that
 * `f['farm0_t0_s0']['layout'][0]` and `attrs['status'] == 'success'` work as they always did. libhdf5 makes the groups of
 * all `keys` and, when they are filled, what is under `/init`.
 */
export function keyedFile(writer: Hdf5Writer, { fd, keys }: { fd: number; keys: readonly string[] }): MergedFile {
  writer.createGroup(paths.init)
  for (const key of keys) writer.createGroup(`/${key}`)
  const addresses = Float64Array.from(keys, (key) => writer.addressOf(`/${key}`))
  writer.close()
  const filler = new GroupFiller(fd)
  let open: Hdf5Writer | undefined
  let added = 0
  return {
    add(configuration) {
      if (configuration.key !== keys[added]) throw new RangeError(`${configuration.key} is not what comes next`)
      filler.fill(addresses[added++]!, configuration.group())
    },
    async finish(end) {
      if (added !== keys.length) throw new RangeError(`${added} of ${keys.length} configurations were added`)
      filler.finish()
      open = await openWriter({ kind: 'descriptor', fd }, { existing: true })
      const written = writeInit(open, end)
      open.close()
      return written
    },
    discard: () => open?.discard(),
  }
}

/** Reads a configuration's group back: all that its content digest covers. */
export function readKeyedConfiguration(reader: Hdf5Reader, key: string): StoredGroup {
  const { group, notCarried } = readStoredGroup(reader, `/${key}`)
  const [foreign] = notCarried
  if (foreign) throw new TypeError(`/${key}/${foreign.place} was not written here: ${foreign.why}`)
  return group
}
