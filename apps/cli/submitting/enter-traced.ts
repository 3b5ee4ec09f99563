import type { Store } from '@windrow/common/store/store.ts'
import { openTracing } from '@windrow/common/tracing/open-tracing.ts'
import { type CheckedSpecification, type EnteredSweep, enterSweep, type Submitter } from './enter-sweep.ts'

export interface TracingSubmitter extends Submitter {
  readonly environment: NodeJS.ProcessEnv
  readonly stderr: NodeJS.WriteStream
}

export interface TracedEntry {
  readonly entered: EnteredSweep
  /** Names the span of the submission, for the producer to go on from; undefined when nothing is traced. */
  readonly trace: string | undefined
}

/** Enters a sweep into the store, as the first span of its trace when tracing is on (see openTracing). */
export async function enterTraced(
  store: Store,
  checked: CheckedSpecification,
  submitter: TracingSubmitter,
): Promise<TracedEntry> {
  const { environment, stderr } = submitter
  const warn = (message: string) => void stderr.write(`${message}\n`)
  const { tracer, close } = await openTracing({ service: 'cli', environment, warn, brief: true })
  const { specification, total, selected } = checked
  try {
    return await tracer.span('submit', { sweep: specification.name, total, selected }, async (tell) => {
      const entered = await enterSweep(store, checked, submitter)
      tell({ outcome: entered.outcome, added: entered.added })
      return { entered, trace: tracer.carry() }
    })
  } finally {
    await close()
  }
}
