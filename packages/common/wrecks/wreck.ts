import type { ReadGroup } from '../hdf5/stored-group-reading.ts'
import type { AttributeValue } from '../results/contents.ts'

/**
 * How the scripts that came before Windrow laid their files out.
 * `keyed`: a group `farm0_t1_s2` for each configuration, with datasets `layout` (2, N) and `aep`.
 * `columnar`: datasets `farm_id`, `farm_type`, `seed`, `layout` (n, N, 2) padded with NaN, and `aep`, a row a configuration.
 * `nested`: datasets `optimized_layouts/farm_0_type_1_seed_2` (2, N) with attributes `aep` and `status`.
 */
export const wreckStyles = ['keyed', 'columnar', 'nested'] as const
export type WreckStyle = (typeof wreckStyles)[number]

/** What is wrong with a file as a whole: nothing in it is used. */
export const fileCauses = {
  cannot_open: 'cannot be opened, or not read to its end',
  empty: 'has 0 bytes',
  too_large: 'is larger than is read',
  not_hdf5: 'has no HDF5 signature',
  superblock_zeroed: 'is HDF5, but zeros stand where its superblock was',
  truncated: 'is shorter than its superblock says',
  never_closed: 'was never closed by the program that wrote it',
  tail_overwritten: 'ends in noise: foreign bytes were written over it',
  unreadable: 'cannot be read by libhdf5',
  missing_column: 'lacks a column that its other columns need',
  inconsistent_lengths: 'has columns of different lengths',
  wrong_type: 'has a column of another type or shape',
  several_styles: 'has configurations in more than one layout',
  other_style: 'has configurations, but not in the layout asked for',
  foreign: 'is sound HDF5 of something else',
  contradicts_specification: 'was made with other parameters than the specification says',
  changing: 'was written to while it was read',
  reader_timeout: 'kept libhdf5 busy for too long',
  reader_crashed: 'crashed libhdf5',
} as const
export type FileCause = keyof typeof fileCauses

/** What is wrong with one configuration of a file whose others may be good. */
export const rowCauses = {
  unreadable: 'cannot be read by libhdf5',
  missing_layout: 'has no layout',
  missing_aep: 'has no AEP',
  wrong_type: 'has something of another type',
  wrong_shape: 'has something of another shape',
  too_large: 'holds more than is read',
  not_success: 'has a status other than success',
  key_mismatch: 'has attributes of another configuration',
  wrong_n: 'has another number of turbines',
  nan_layout: 'has NaN or infinity in its layout',
  nan_aep: 'has an AEP that is NaN or infinite',
  not_in_specification: 'is none of the specification',
  outside: 'has a turbine outside the area',
  too_close: 'has turbines nearer than the spacing',
  negative_aep: 'reports an AEP that is not positive',
  aep_mismatch: 'reports another AEP than its layout yields',
  contradicted: 'differs from another copy of the same configuration',
} as const
export type RowCause = keyof typeof rowCauses

export interface Fault<Cause extends string> {
  readonly cause: Cause
  /** In words, with the values that are wrong. */
  readonly detail: string
}
export type FileFault = Fault<FileCause>
export type RowFault = Fault<RowCause>

/** One configuration as a file has it, nothing about it judged but that it could be read. */
export interface WreckRow {
  /** Where it stands in the file: `/farm0_t1_s2`, `row 3`. */
  readonly place: string
  /** The name of its group; where there is none, `farm{f}_t{t}_s{s}` of its indices. */
  readonly key: string
  /** farm_idx, type_idx and ss_seed, as columns or names give them; in `keyed` files the key alone names a row. */
  readonly fields: Readonly<Record<string, number>>
  /** Attributes of its group or dataset that are a text or a number. */
  readonly attributes: Readonly<Record<string, AttributeValue>>
  /** x, then y of every turbine, m: (2, N) row by row. Empty where it could not be read. */
  readonly layout: Float64Array
  /** As reported; undefined where there is none. */
  readonly aep: number | undefined
  /** Turbines that an attribute or a column claims. */
  readonly claimedTurbines: number | undefined
  /** Its part of the file that could not be read. */
  readonly fault: RowFault | undefined
  /** Datasets and attributes of it that are none of those above. */
  readonly others: readonly string[]
  /** Everything in its group, for a reader that was asked for it; `keyed` files only. */
  readonly group?: ReadGroup
}

/** What is known of a file when all of its rows have been seen. */
export interface WreckFile {
  readonly bytes: number
  /** Of its bytes, in hexadecimal; empty when they could not be read. */
  readonly sha256: string
  /** 0 is h5py's default: nothing is checksummed. undefined when there is no superblock. */
  readonly superblockVersion: number | undefined
  /** undefined when it holds no configuration (`hollow`), or could not be read so far. */
  readonly style: WreckStyle | undefined
  readonly rootAttributes: Readonly<Record<string, AttributeValue>>
  /** Nothing in the file counts; rows that were seen before are void. */
  readonly fault: FileFault | undefined
  /** Rows seen; a sound file with none is hollow. */
  readonly rows: number
}
