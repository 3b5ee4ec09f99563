import { createHash } from 'node:crypto'
import { createMemoryLedger } from '@windrow/common/ledger/memory-ledger.ts'
import { silentLogger } from '@windrow/common/logging/logger.ts'
import { decodeCertificate } from '@windrow/common/merging/certificate.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { createInlineValidator } from '@windrow/common/results/inline-validator.ts'
import { evaluation } from '@windrow/common/results/problem-evaluation.ts'
import type { ResultExpectation, Validator, Verdict } from '@windrow/common/results/verdict.ts'
import { createMemoryStore } from '@windrow/common/store/memory-store.ts'
import { names } from '@windrow/common/store/names.ts'
import type { Store } from '@windrow/common/store/store.ts'
import { submitManifest } from '@windrow/common/sweep/manifests.ts'
import { createSweepReader, type SubmittedSweep } from '@windrow/common/sweep/sweep-reader.ts'
import { systemClock } from '@windrow/common/time/clock.ts'
import { makeGeneration } from '../../apps/merger/make-generation.ts'
import { createInlineRunner } from '../../apps/worker/attempts/inline-runner.ts'
import { smallPlan } from '../fixtures/small-plan.ts'

/** The sweep that every seed runs, and what a run without any fault makes of it. */
export interface Study {
  readonly submitted: SubmittedSweep
  /** The bytes of each configuration's result, by key. */
  readonly results: ReadonlyMap<string, Uint8Array>
  readonly validator: Validator
  /** The merged file of the fault-free run, and the content digest of each configuration in it. */
  readonly mergedSha256: string
  readonly contents: ReadonlyMap<string, string>
  submit(store: Store): Promise<void>
}

export async function prepareStudy(scratch: string): Promise<Study> {
  const { specification } = await smallPlan()
  const submit = async (store: Store) =>
    void (await submitManifest(store, specification, { now: 0, numericsId: 'simulated', windrowVersion: '0' }))
  const store = createMemoryStore()
  await submit(store)
  const submitted = await createSweepReader(store).read(specification.name)
  const { plan } = submitted
  const results = new Map<string, Uint8Array>()
  const runner = createInlineRunner()
  for (let index = 0; index < plan.total; index++) {
    const { key } = plan.at(index)
    const request = {
      ...{ sweep: plan.sweep, key, epoch: 0, attempt: 'reference' },
      problem: problemOf(plan.at(index), plan.specification),
      configurationDigest: plan.digestAt(index),
    }
    const outcome = await runner.run(request, new AbortController().signal)
    if (outcome.kind !== 'output') throw new Error(`the reference run of ${key} ended as ${outcome.kind}`)
    results.set(key, outcome.bytes)
    await store.create(names.result(plan.sweep, key, 0), outcome.bytes)
  }
  const validator = rememberingValidator(createInlineValidator({ evaluation }))
  const ports = {
    ...{ store, validator, clock: systemClock, logger: silentLogger(), host: 'host', merger: 'reference', scratch },
    wake: async () => undefined,
  }
  const outcome = await makeGeneration(submitted, createMemoryLedger(plan.sweep), ports)
  if (outcome.kind !== 'generation') throw new Error(`the reference merge ended as ${outcome.kind}`)
  const { inputDigest, files } = outcome.generation
  const bytes = await store.read(names.mergedCertificate(plan.sweep, inputDigest))
  const { merged } = decodeCertificate(Buffer.from(bytes!).toString('utf8'))
  const contents = new Map(merged.map(({ key, contentSha256 }) => [key, contentSha256]))
  return { submitted, results, validator, submit, mergedSha256: files.layouts.sha256, contents }
}

/** A verdict depends on nothing but the bytes and what is expected of them: it is looked up the second time. */
function rememberingValidator(validator: Validator): Validator {
  const verdicts = new Map<string, Verdict>()
  return {
    async validate(bytes: Uint8Array, expectation: ResultExpectation) {
      const id = createHash('sha1')
        .update(bytes)
        .update(`${expectation.key} ${Object.keys(expectation)}`)
        .digest('base64')
      const verdict = verdicts.get(id) ?? (await validator.validate(bytes, expectation))
      verdicts.set(id, verdict)
      return verdict
    },
    close: () => validator.close(),
  }
}
