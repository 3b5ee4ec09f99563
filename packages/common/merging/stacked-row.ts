import { z } from 'zod'
import { type DatasetContents, elementTypes, type ResultContents } from '../results/contents.ts'
import {
  type Attributes,
  asciiJson,
  decodeAttributes,
  encodeAttributes,
  encodedAttributesSchema,
} from './attribute-json.ts'
import type { RaggedPlace } from './ragged-columns.ts'

const lengthSchema = z.int().nonnegative()
const rowSchema = z.strictObject({
  key: z.string(),
  attributes: encodedAttributesSchema,
  datasets: z.array(
    z.strictObject({
      name: z.string(),
      elementType: z.enum(elementTypes),
      shape: z.array(lengthSchema),
      path: z.string().startsWith('/init/more/'),
      start: lengthSchema,
    }),
  ),
})

/** What a stacked file keeps of a configuration beside its columns, so that its contents come back to the bit. */
export interface StackedRow extends Pick<ResultContents, 'key'> {
  readonly attributes: Attributes
  /** Datasets other than layout and aep, and where their elements lie. */
  readonly datasets: readonly RaggedDataset[]
}

export interface RaggedDataset extends RaggedPlace, Omit<DatasetContents, 'data'> {
  readonly name: string
}

/** The row as ASCII JSON. */
export function encodeStackedRow({ key, attributes, datasets }: StackedRow): string {
  const listed = datasets.map(({ name, elementType, shape, path, start }) => ({
    name,
    elementType,
    shape,
    path,
    start,
  }))
  return asciiJson({ key, attributes: encodeAttributes(attributes), datasets: listed })
}

/** Reads a row; throws a ZodError or SyntaxError when it is none. */
export function decodeStackedRow(text: string): StackedRow {
  const row = rowSchema.parse(JSON.parse(text))
  return { ...row, attributes: decodeAttributes(row.attributes) }
}
