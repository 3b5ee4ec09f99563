import { enqueueBench } from './enqueue.ts'
import { mergeFilesBench } from './merge-files.ts'
import { mergeSweepBench } from './merge-sweep.ts'
import { processingBench } from './processing.ts'
import type { Bench } from './running/bench.ts'
import { salvageBench } from './salvage.ts'
import { sweepBench } from './sweep.ts'
import { validationBench } from './validation.ts'
import { workerOverheadBench } from './worker-overhead.ts'
import { workersBench } from './workers.ts'

/** Every bench by the name it is called by. */
export const benches: ReadonlyMap<string, Bench> = new Map([
  ['enqueue', enqueueBench],
  ['processing', processingBench],
  ['worker-overhead', workerOverheadBench],
  ['sweep', sweepBench],
  ['workers', workersBench],
  ['merge-files', mergeFilesBench],
  ['merge-sweep', mergeSweepBench],
  ['salvage', salvageBench],
  ['validation', validationBench],
])
