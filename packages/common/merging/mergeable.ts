import type { StoredGroup } from '../hdf5/stored-object.ts'
import type { ResultContents } from '../results/contents.ts'
import { storedGroupOf } from '../results/stored-contents.ts'
import type { MergedFacts } from './merged-file.ts'

/** A configuration on its way into a merged file, in the form that the file's layout asks for. */
export interface Mergeable {
  readonly key: string
  readonly facts: MergedFacts
  /** As a group of a keyed file. */
  group(): StoredGroup
  /** As a row of a stacked file. */
  contents(): ResultContents
}

/** A validated result. */
export function mergeableResult(contents: ResultContents, contentSha256: string): Mergeable {
  const { key, datasets, configurationDigest, salvaged } = contents
  const nTurbines = datasets.layout?.shape[1] ?? Number.NaN
  return {
    key,
    facts: {
      ...{ contentSha256, configurationDigest, nTurbines, salvaged: salvaged !== undefined },
      aepGwh: Number(datasets.aep?.data[0]),
    },
    group: () => storedGroupOf(contents),
    contents: () => contents,
  }
}
