import { heldBytes, loadHdf5, whenCallsReturn } from '../hdf5/library.ts'
import { type Alive, answerRequests } from '../threads/answer-requests.ts'
import type { CertifiedVerification, VerificationRequest } from './verification.ts'
import { verifyFile } from './verify-file.ts'

/** Verifies merged files for verify-merged.ts, which ends it when a call into libhdf5 does not come back. */
const betweenSignsOfLifeMs = 250
const largestHeapBytes = 256 * 2 ** 20

await loadHdf5()
answerRequests<VerificationRequest, CertifiedVerification>(async (request, tell) => {
  const alive = atMostEvery(betweenSignsOfLifeMs, tell)
  whenCallsReturn(alive)
  const answer = await verifyFile(request, alive)
  return { answer, worn: heldBytes() > largestHeapBytes }
})

function atMostEvery(intervalMs: number, tell: Alive): () => void {
  let told = performance.now()
  return () => {
    if (performance.now() - told < intervalMs) return
    told = performance.now()
    tell()
  }
}
