import { heldBytes, loadHdf5 } from '../hdf5/library.ts'
import { limitWasmMemory } from '../hdf5/limit-memory.ts'
import { type Hdf5Reader, openReader, type ReaderSource } from '../hdf5/reader.ts'
import { rootAttributes } from '../results/result-schema.ts'
import { answerRequests } from '../threads/answer-requests.ts'
import type { FileKind } from './recognition.ts'

/** Tells what files are for recognition.ts, which ends it when one takes too long or breaks it. */
const largestHeapBytes = 256 * 2 ** 20

limitWasmMemory(2 * largestHeapBytes)
await loadHdf5()
answerRequests<ReaderSource, FileKind>(async (source) => {
  const answer = await recogniseHere(source)
  return { answer, worn: heldBytes() > largestHeapBytes }
})

async function recogniseHere(source: ReaderSource): Promise<FileKind> {
  let reader: Hdf5Reader | undefined
  try {
    reader = await openReader(source)
    const names = reader.attributeNames('/')
    if (names.includes('schema') && String(reader.attribute('/', 'schema')).startsWith('windrow-')) return 'merged'
    return names.includes(rootAttributes.schemaVersion) ? 'result' : 'other'
  } catch (error) {
    // What is wrong with it is found, and named, by the validation that follows.
    if (error instanceof Error) return 'damaged'
    throw error
  } finally {
    reader?.close()
  }
}
