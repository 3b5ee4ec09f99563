import { closeSync, openSync } from 'node:fs'
import { WindrowError } from '../errors/windrow-error.ts'
import { writeFully } from '../files/whole-transfers.ts'
import { type Hdf5Writer, openWriter } from '../hdf5/writer.ts'
import { resultUnits } from '../results/result-schema.ts'
import { type Account, accountWithSources, positionsIn } from './account.ts'
import { type CertificateHead, type CertifiedFiles, certificateText, certify } from './certificate.ts'
import { FactsTable } from './facts-table.ts'
import { inputDigest, type MergeLayout, type RootAttributes } from './input-digest.ts'
import type { Mergeable } from './mergeable.ts'
import { type MergedFile, mergedSchemas } from './merged-file.ts'
import { fileDigest, type OutputFile } from './output-file.ts'
import { RowSpool } from './row-spool.ts'
import { sealFile } from './seal.ts'
import type { Tolerance } from './tolerance.ts'
import { verifyMergedDescriptor } from './verify-merged.ts'
import { keyedFile } from './write-keyed.ts'
import { stackedFile } from './write-stacked.ts'

/** What a merged file is made of, beside the configurations themselves. */
export interface MergePlan {
  readonly sweep: string
  /** SHA-256 of everything in the specification that changes results. */
  readonly identityDigest: string
  readonly layout: MergeLayout
  readonly tolerance: Tolerance
  /** At most 4 (grid_size, random_pct, ...), integers as int64; schema, units, total_configs and successful_configs are added. */
  readonly rootAttributes: RootAttributes
  readonly account: Account
  /** Of a merge of files: what was in the folder and is not in the file. */
  readonly files?: CertifiedFiles
  /** Where the certificate's text goes as well. */
  readonly certificatePath?: string | undefined
}

/** A merged file that is written and verified, and has not got its name yet. */
export interface VerifiedMerge {
  readonly inputDigest: string
  readonly certificate: CertificateHead
  /** Of the certificate's text, as it stands in the file. */
  readonly certificateSha256: string
  readonly bytes: number
  readonly sha256: string
}

/** A merged file being written into an output file. */
export interface MergedFileWriting {
  /** Configurations that the account calls merged, all of them, by position. */
  add(position: number, configuration: Mergeable): void
  /**
   * Completes the file and reads it back from its first to its last byte.
   * @throws WindrowError MERGE_UNVERIFIED when it does not read back as it was written.
   */
  finish(): Promise<VerifiedMerge>
  /** Gives up, or does nothing after `finish`. */
  discard(): void
}

/** Starts the merged file of a plan. Its bytes depend on the plan and the configurations alone. */
export async function writeMerged(output: OutputFile, plan: MergePlan): Promise<MergedFileWriting> {
  const file = await startFile(output, plan)
  const facts = new FactsTable(plan.account.length)
  return {
    add(position, configuration) {
      file.add(configuration)
      facts.set(position, configuration.facts)
    },
    async finish() {
      const account = accountWithSources(plan.account, (position) => facts.isSalvagedAt(position))
      const certificate = certify({ ...plan, account, merged: facts })
      const text = certificateText(certificate, account, facts)
      const { certificateSha256, sealMarker } = await file.finish({
        account,
        facts,
        certificate: plan.certificatePath === undefined ? text : keptIn(plan.certificatePath, text),
      })
      sealFile(output.fd, sealMarker)
      await verifyWritten(output, certificateSha256)
      const digest = inputDigest({ ...plan, account, tolerance: plan.tolerance.declared, merged: facts })
      return { inputDigest: digest, certificate, certificateSha256, ...fileDigest(output.fd) }
    },
    discard: () => file.discard(),
  }
}

async function startFile(output: OutputFile, plan: MergePlan): Promise<MergedFile> {
  const writer = await openWriter({ kind: 'descriptor', fd: output.fd })
  try {
    writeRootAttributes(writer, plan)
    if (plan.layout === 'stacked') return stackedFile(writer, new RowSpool(`${output.temporaryPath}.rows`))
    const { account } = plan
    const keys = Array.from(positionsIn(account, 'merged'), (position) => account.keyAt(position))
    return keyedFile(writer, { fd: output.fd, keys })
  } catch (error) {
    writer.discard()
    throw error
  }
}

function writeRootAttributes(writer: Hdf5Writer, { rootAttributes, layout, account }: MergePlan): void {
  const attributes: RootAttributes = {
    ...rootAttributes,
    schema: mergedSchemas[layout],
    units: resultUnits,
    total_configs: account.counts.expected,
    successful_configs: account.counts.merged,
  }
  for (const name of Object.keys(attributes).sort()) {
    const value = attributes[name]!
    writer.writeAttribute('/', name, typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value)
  }
}

/** Passes text on, and keeps it in a file. */
function* keptIn(path: string, pieces: Iterable<string>): Generator<string> {
  const fd = openSync(path, 'w')
  try {
    let pending: string[] = []
    for (const piece of pieces) {
      yield piece
      pending.push(piece)
      if (pending.length < 1024) continue
      writeFully(fd, Buffer.from(pending.join('')))
      pending = []
    }
    writeFully(fd, Buffer.from(pending.join('')))
  } finally {
    closeSync(fd)
  }
}

async function verifyWritten(output: OutputFile, certificateSha256: string): Promise<void> {
  const verification = await verifyMergedDescriptor(output.fd, output.path, { everyRow: false })
  const { ok, summary, faults } = verification
  if (ok && verification.certificateSha256 === certificateSha256) return
  throw new WindrowError('MERGE_UNVERIFIED', {
    message: `The merged file does not read back as it was written: ${faults[0]?.detail ?? summary.text}`,
    context: { path: output.path },
  })
}
