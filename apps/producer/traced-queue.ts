import type { ConfigurationQueue, MergeRequests } from '@windrow/common/queue/queue.ts'
import type { SpanFacts, Tracer } from '@windrow/common/tracing/tracer.ts'

export interface SubmissionTraces {
  readonly tracer: Tracer
  /** Names the span in which a sweep was submitted; undefined when it was not traced. */
  readonly submissionOf: (sweep: string) => Promise<string | undefined>
}

/** Adds a sweep's jobs in the trace of its submission, however much later that is. */
export function traceQueue(queue: ConfigurationQueue, sweep: string, traces: SubmissionTraces): ConfigurationQueue {
  const enqueue = (jobs: number, act: () => Promise<void>) =>
    jobs === 0 ? act() : inSubmission('enqueue', { sweep, jobs }, { act, traces })
  return {
    add: (jobs, priority) => enqueue(jobs.length, () => queue.add(jobs, priority)),
    ensure: (jobs, priority) => enqueue(jobs.length, () => queue.ensure(jobs, priority)),
    counts: () => queue.counts(),
    withoutOpenJob: (keys) => queue.withoutOpenJob(keys),
    isPaused: () => queue.isPaused(),
    setPaused: (paused) => queue.setPaused(paused),
    remove: () => queue.remove(),
    close: () => queue.close(),
  }
}

/** Asks for merges in the trace of the submission; those that a worker's last settlement asks for are in it anyway. */
export function traceMerges(merges: MergeRequests, traces: SubmissionTraces): MergeRequests {
  return {
    ask: (request) =>
      inSubmission('ask for a merge', { sweep: request.sweep }, { act: () => merges.ask(request), traces }),
    close: () => merges.close(),
  }
}

async function inSubmission(
  name: string,
  facts: SpanFacts & { readonly sweep: string },
  { act, traces }: { act: () => Promise<void>; traces: SubmissionTraces },
): Promise<void> {
  const submission = await traces.submissionOf(facts.sweep)
  await traces.tracer.within(submission, () => traces.tracer.span(name, facts, act))
}
