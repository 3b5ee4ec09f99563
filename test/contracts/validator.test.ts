import { createInlineValidator } from '@windrow/common/results/inline-validator.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { evaluation } from '../fixtures/stand-in-evaluation.ts'
import { validatorContract } from './validator.contract.ts'

const evaluationModule = new URL('../fixtures/stand-in-evaluation.ts', import.meta.url)

await validatorContract('inline', () => createInlineValidator({ evaluation }))
await validatorContract('in threads', () => createThreadValidator({ timeoutMs: 60_000, size: 2, evaluationModule }))
