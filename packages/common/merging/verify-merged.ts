import { closeSync, fstatSync, openSync } from 'node:fs'
import { messageOf, WindrowError } from '../errors/windrow-error.ts'
import { createDisposableThreads } from '../threads/disposable-threads.ts'
import {
  type CertifiedVerification,
  Findings,
  type MergedVerification,
  type VerificationRequest,
} from './verification.ts'
import { verificationOf } from './verify-file.ts'

export interface VerificationOptions {
  /** How long one call into libhdf5 may take. */
  readonly callTimeoutMs?: number
  /** Whether rows that are as certified are told one by one; otherwise only what is wrong. */
  readonly everyRow?: boolean
}

/** Shared by all of this process; a thread starts when the first file is to be verified. */
const threads = createDisposableThreads<VerificationRequest, CertifiedVerification>({
  module: new URL('./verification-thread.ts', import.meta.url),
  ...{ name: 'verification', size: 2 },
})

/**
 * Checks a merged file against its own certificate, offline and at any size: every content digest is computed again
 * from the file, and certificate, index and configurations must agree. It detects damage, not forgery. libhdf5 reads it
 * in a thread that is thrown away when one of its calls does not come back.
 * @throws WindrowError FILE_UNREADABLE when the file cannot be opened. Damage is not thrown: it is what is reported.
 */
export async function verifyMerged(path: string, options?: VerificationOptions): Promise<MergedVerification> {
  const fd = openForReading(path)
  try {
    const { certificateSha256: _, merged: _all, ...verification } = await verifyMergedDescriptor(fd, path, options)
    return verification
  } finally {
    closeSync(fd)
  }
}

/** The same for a file that is open already; also tells what its certificate says. */
export async function verifyMergedDescriptor(
  fd: number,
  path: string,
  { callTimeoutMs = 30_000, everyRow = true }: VerificationOptions = {},
): Promise<CertifiedVerification> {
  const outcome = await threads.ask({ fd, path, everyRow }, { silenceMs: callTimeoutMs })
  if (outcome.kind === 'answer') return outcome.answer
  const findings = new Findings({ everyRow })
  if (outcome.kind === 'crashed') findings.fault('reader-crashed', `The reader crashed: ${outcome.reason}.`)
  else findings.fault('reader-timeout', `libhdf5 did not come back from a call within ${outcome.silenceMs} ms.`)
  return verificationOf({ path, bytes: fstatSync(fd).size, findings })
}

function openForReading(path: string): number {
  try {
    return openSync(path, 'r')
  } catch (cause) {
    throw new WindrowError('FILE_UNREADABLE', {
      message: `${path} cannot be opened: ${messageOf(cause)}`,
      cause,
      context: { path },
    })
  }
}
