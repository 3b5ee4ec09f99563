/** A value that can be an axis point's field or a key part. */
export type FieldValue = string | number

/** One configuration of a sweep. */
export interface Configuration {
  /** Its place in the ledger: stable for ever, an extension appends. */
  readonly index: number
  readonly key: string
  /** The chosen point of each axis: a scalar, or an object with fields (areas, turbine types). */
  readonly point: Readonly<Record<string, unknown>>
  /** Scalar fields that selectors and attributes use: those of the key pattern first, then every other scalar field of the points. */
  readonly fields: Readonly<Record<string, FieldValue>>
}

/** A sweep expanded over its axes, held compactly: a million configurations are not a million objects. */
export interface Plan {
  readonly sweep: string
  /** Number of the newest manifest it was made from. */
  readonly manifest: number
  readonly total: number
  at(index: number): Configuration
  keyAt(index: number): string
  /** undefined when the sweep has no such configuration. */
  indexOf(key: string): number | undefined
  /** SHA-256 over everything that changes this configuration's result: its point, key, model, optimizer. */
  digestAt(index: number): string
}
