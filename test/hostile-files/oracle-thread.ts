import { limitWasmMemory } from '@windrow/common/hdf5/limit-memory.ts'
import { readWithLibhdf5 } from '@windrow/common/results/read-result.ts'
import { Refusal } from '@windrow/common/results/refusal.ts'
import { answerRequests } from '@windrow/common/threads/answer-requests.ts'
import type { OracleAnswer } from './oracle.ts'

limitWasmMemory(512 * 2 ** 20)
answerRequests<Uint8Array, OracleAnswer>(async (bytes) => {
  try {
    return { answer: { kind: 'read', read: await readWithLibhdf5(bytes) } }
  } catch (error) {
    if (error instanceof Refusal) return { answer: { kind: 'refused' } }
    throw error
  }
})
