import { contentSha256 } from '@windrow/common/results/content-digest.ts'
import type { ResultContents } from '@windrow/common/results/contents.ts'
import { encodeResult } from '@windrow/common/results/encode-result.ts'
import { readOwnResult, readWithLibhdf5 } from '@windrow/common/results/read-result.ts'
import { createThreadValidator } from '@windrow/common/results/thread-validator.ts'
import { judgeResult, type LayoutEvaluation, validateOwnResult } from '@windrow/common/results/validate-result.ts'
import type { ResultExpectation } from '@windrow/common/results/verdict.ts'
import type { Bench, BenchPlace, Figures, Medians } from './running/bench.ts'
import { medianTable, withRange } from './running/table.ts'

const files = 3000
const turbines = 100
const warmUp = 500
const configurationDigest = 'c0ffee'.repeat(10)
const evaluation: LayoutEvaluation = { infeasibilities: () => [], reevaluateAepGWh: () => Number.NaN }

/** Files a second that are validated as the merger does it: structure, checksums, digest, key, configuration. */
export const validationBench: Bench = {
  title: `Validating ${files.toLocaleString('en')} results of ${turbines} turbines as Windrow writes them, one thread`,
  measure,
  render,
}

interface Sample {
  readonly bytes: Uint8Array
  readonly contents: ResultContents
  readonly expectation: ResultExpectation
}

type Way = (sample: Sample) => unknown

/** What is compared, by the name of its figure. */
const ways: Readonly<Record<string, Way>> = {
  'libhdf5 reads': ({ bytes }) => readWithLibhdf5(bytes),
  'libhdf5 validates': async ({ bytes, expectation }) =>
    judgeResult(await readWithLibhdf5(bytes), expectation, evaluation),
  'strict reads': ({ bytes }) => readOwnResult(bytes),
  'strict validates': ({ bytes, expectation }) => validateOwnResult(bytes, expectation),
  digest: ({ contents }) => contentSha256(contents),
}

async function measure({ run }: BenchPlace): Promise<Figures> {
  const samples = await Promise.all(Array.from({ length: files }, (_, seed) => sampleOf(seed)))
  const validator = createThreadValidator({ size: 1, timeoutMs: 60_000 })
  const validate: Way = ({ bytes, expectation }) => validator.validate(bytes, expectation)
  const all = Object.entries({ ...ways, 'validator validates': validate })
  const figures: Record<string, number> = {}
  // What goes first pays for what all of them share.
  for (const [name, way] of run % 2 === 0 ? all : all.reverse()) {
    await filesPerSecond(way, samples.slice(0, warmUp))
    figures[name] = await filesPerSecond(way, samples)
  }
  await validator.close()
  return {
    ...figures,
    'reading ratio': figures['strict reads']! / figures['libhdf5 reads']!,
    'validating ratio': figures['strict validates']! / figures['libhdf5 validates']!,
    'validator ratio': figures['validator validates']! / figures['libhdf5 validates']!,
  }
}

/** By processor time: all of it is computing, in this thread, and others who use the machine must not count. */
async function filesPerSecond(way: Way, samples: readonly Sample[]): Promise<number> {
  const start = process.cpuUsage()
  for (const sample of samples) {
    const outcome = await way(sample)
    const refused = typeof outcome === 'object' && outcome !== null && 'ok' in outcome && outcome.ok !== true
    if (outcome === undefined || refused) throw new Error('a sound result was not accepted')
  }
  const { user, system } = process.cpuUsage(start)
  return (1e6 * samples.length) / (user + system)
}

async function sampleOf(seed: number): Promise<Sample> {
  const key = `farm${seed % 10}_t${seed % 6}_s${seed}`
  const coordinates = Float64Array.from({ length: 2 * turbines }, (_, index) => Math.sin(seed + index) * 10_000)
  const aepGWh = 3000 + seed / 7
  const contents: ResultContents = {
    key,
    attributes: {
      ...{ status: 'success', aep: aepGWh, n_turbines: BigInt(turbines), diameter: 240.5 },
      ...{ farm_idx: BigInt(seed % 10), type_idx: BigInt(seed % 6), ss_seed: BigInt(seed) },
    },
    datasets: {
      layout: { elementType: '<f8', shape: [2, turbines], data: coordinates },
      aep: { elementType: '<f8', shape: [], data: Float64Array.of(aepGWh) },
    },
    configurationDigest,
  }
  return { bytes: await encodeResult(contents), contents, expectation: { key, configurationDigest } }
}

function render(medians: Medians): string {
  const table = medianTable(
    ['files a second of processor time', 'reads', 'validates'],
    [
      { what: 'libhdf5 alone', cells: ['libhdf5 reads', 'libhdf5 validates'] },
      { what: 'strict reader', cells: ['strict reads', 'strict validates'] },
      { what: 'ratio', cells: ['reading ratio', 'validating ratio'] },
      { what: 'the validator that worker and merger have', cells: ['', 'validator validates'] },
    ],
    medians,
  )
  const digest = `the content digest alone: ${withRange('digest', medians)}/s`
  return `${table}\nthe validator, to libhdf5: ${withRange('validator ratio', medians)}; ${digest}\n`
}
