/** The element types a Windrow result may hold, by their HDF5 names as h5py prints them. */
export const elementTypes = ['<f8', '<f4', '<i8', '<i4', '<u8', '<u4', '|i1', '|u1'] as const
export type ElementType = (typeof elementTypes)[number]

export type NumericArray =
  | Float64Array
  | Float32Array
  | BigInt64Array
  | Int32Array
  | BigUint64Array
  | Uint32Array
  | Int8Array
  | Uint8Array

export interface DatasetContents {
  readonly elementType: ElementType
  /** [] is a scalar. */
  readonly shape: readonly number[]
  /** Row-major, little-endian in the file. */
  readonly data: NumericArray
}

/** A scalar attribute: ASCII text, a float64 (number) or an int64 (bigint). */
export type AttributeValue = string | number | bigint

/** What a result file holds for one configuration, independent of how HDF5 stores it. */
export interface ResultContents {
  readonly key: string
  /** Attributes of the configuration's group: status, aep, n_turbines, diameter, farm_idx, ... */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** `layout` float64 (2, N) in metres and `aep` float64 scalar in GWh, at least; `history` if there is one. */
  readonly datasets: Readonly<Record<string, DatasetContents>>
  /** Digest of the configuration (identity) that made it. */
  readonly configurationDigest: string
  /** It was taken in from an earlier sweep's file: what it says is plausible, nobody saw it computed. */
  readonly salvaged?: SalvageSource
}

/** The file that a salvaged result comes from. */
export interface SalvageSource {
  /** Its name in the directory that was salvaged, and where in it the configuration stood. */
  readonly file: string
  readonly place: string
  /** Of the whole file. */
  readonly sha256: string
  /** `reevaluated`: by the model of the sweep, the original is dataset `aep_reported`. `as-reported`: by nobody we know. */
  readonly aep: 'reevaluated' | 'as-reported'
}
