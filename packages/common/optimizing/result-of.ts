import type { AttributeValue, ResultContents } from '../results/contents.ts'
import { canonicalJson } from '../sweep/canonical-json.ts'
import type { Outcome } from './optimize.ts'
import type { Problem, ProblemAttribute } from './problem.ts'

/** A ninth attribute would go to a heap that HDF5 does not checksum. */
const mostAttributes = 8

/**
 * What the result file of a configuration holds. Attributes in this order: status, aep (GWh), n_turbines, diameter (m), the
 * fields of the key pattern; what is left is one JSON text, `extra`. Nothing about the attempt is in it. Datasets: `layout`
 * (2, N) in metres, x then y, and `aep`, GWh.
 */
export function resultOf(problem: Problem, configurationDigest: string, outcome: Outcome): ResultContents {
  const { layout, aepGWh } = outcome
  const turbines = layout.xM.length
  const data = new Float64Array(2 * turbines)
  data.set(layout.xM, 0)
  data.set(layout.yM, turbines)
  return {
    key: problem.key,
    attributes: { status: 'success', aep: aepGWh, n_turbines: BigInt(turbines), ...namedAttributes(problem) },
    datasets: {
      layout: { elementType: '<f8', shape: [2, turbines], data },
      aep: { elementType: '<f8', shape: [], data: Float64Array.of(aepGWh) },
    },
    configurationDigest,
  }
}

/** The attributes that name the configuration: diameter, the fields of the key pattern, and the rest as JSON. */
export function namedAttributes({ attributes, extra }: Problem): Record<string, AttributeValue> {
  const room = mostAttributes - 3
  const allFit = attributes.length <= room && Object.keys(extra).length === 0
  const own = allFit ? attributes : attributes.slice(0, room - 1)
  const rest = Object.fromEntries(attributes.slice(own.length).map(({ name, value }) => [name, value]))
  const left = { ...rest, ...extra }
  return {
    ...Object.fromEntries(own.map((attribute) => [attribute.name, attributeValue(attribute)])),
    ...(Object.keys(left).length === 0 ? {} : { extra: asciiJson(left) }),
  }
}

function attributeValue({ value, kind }: ProblemAttribute): AttributeValue {
  return kind === 'whole' && typeof value === 'number' ? BigInt(value) : value
}

/** Result files hold ASCII only; JSON can say everything in it. */
function asciiJson(value: unknown): string {
  const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  return canonicalJson(value).replaceAll(/[\u0080-\uffff]/g, escaped)
}
