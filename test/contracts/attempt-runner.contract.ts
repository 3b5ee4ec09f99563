import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { expectationOf } from '@windrow/common/optimizing/expectation-of.ts'
import { problemOf } from '@windrow/common/optimizing/problem.ts'
import { createInlineValidator } from '@windrow/common/results/inline-validator.ts'
import { evaluation } from '@windrow/common/results/problem-evaluation.ts'
import type { AttemptRequest, AttemptRunner } from '../../apps/worker/attempts/runner.ts'
import { smallPlan } from '../fixtures/small-plan.ts'

const never = new AbortController().signal

/** A request for a configuration of the small sweep. */
export async function attemptRequest(
  index: number,
  changes: Partial<AttemptRequest['problem']> = {},
): Promise<AttemptRequest> {
  const plan = await smallPlan()
  const problem = { ...problemOf(plan.at(index), plan.specification), ...changes }
  return {
    sweep: plan.sweep,
    key: problem.key,
    epoch: 0,
    attempt: 'a1',
    problem,
    configurationDigest: plan.digestAt(index),
  }
}

/** What every attempt runner does, in child processes or in memory. */
export function attemptRunnerContract(name: string, start: () => Promise<AttemptRunner>): void {
  describe(`${name}, as every attempt runner`, () => {
    const started = async () => {
      const runner = await start()
      after(() => runner.close())
      return runner
    }

    it('returns bytes that validate as the configuration that was asked for', async () => {
      const runner = await started()
      for (const index of [0, 4]) {
        const request = await attemptRequest(index)
        const outcome = await runner.run(request, never)
        assert.ok(outcome.kind === 'output')
        const expectation = expectationOf(request.problem, request.configurationDigest)
        const verdict = await createInlineValidator({ evaluation }).validate(outcome.bytes, expectation)
        assert.equal(verdict.ok, true, verdict.ok ? undefined : verdict.detail)
      }
    })

    it('repeats to the bit', async () => {
      const runner = await started()
      const [first, second] = [
        await runner.run(await attemptRequest(0), never),
        await runner.run(await attemptRequest(0), never),
      ]
      assert.ok(first.kind === 'output' && second.kind === 'output')
      assert.deepEqual(first.bytes, second.bytes)
    })

    it('says that what cannot heal cannot, and names area and turbines', async () => {
      const runner = await started()
      const outcome = await runner.run(await attemptRequest(0, { nTurbines: 500 }), never)
      assert.ok(outcome.kind === 'failed')
      assert.equal(outcome.code, 'NO_FEASIBLE_POSITIONS')
      assert.equal(outcome.canHeal, false)
      assert.match(outcome.message, /square/)
    })

    it('stops when it is asked to before it begins', async () => {
      const runner = await started()
      assert.equal((await runner.run(await attemptRequest(0), AbortSignal.abort())).kind, 'stopped')
    })
  })
}
