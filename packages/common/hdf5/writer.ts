import type { AttributeValue, DatasetContents, NumericArray } from '../results/contents.ts'
import type { CompoundRow } from './compound-rows.ts'
import type { CompoundColumn } from './element-types.ts'
import { loadHdf5 } from './library.ts'
import { SandboxedWriter } from './sandboxed-writer.ts'

/** Where a file is written: into memory, or through a descriptor opened for reading and writing, at any size. */
export type WriterTarget = { readonly kind: 'memory' } | { readonly kind: 'descriptor'; readonly fd: number }

export interface DatasetStorage {
  /** Lengths of a chunk; none: contiguous, without a checksum. */
  readonly chunks?: readonly number[]
  /** Checksum of every chunk; needs `chunks`. */
  readonly fletcher32?: boolean
  /** How far each dimension may grow, null for any length; none: it stays as it is. */
  readonly maxShape?: readonly (number | null)[]
}

export interface CompoundOptions {
  /** Rows in a chunk, and in memory at a time. */
  readonly chunkRows?: number
}

/** Writes one HDF5 file; paths are absolute (`/farm0_t0_s0/layout`). Every method throws Hdf5Error when it fails. */
export interface Hdf5Writer {
  createGroup(path: string): void
  /** Where the header of an object stands in the file. */
  addressOf(path: string): number
  writeDataset(path: string, dataset: DatasetContents & DatasetStorage): void
  /** Adds rows at the end of the first dimension of a dataset written with `maxShape`; whole chunks are quickest. */
  appendRows(path: string, data: NumericArray): void
  /**
   * UTF-8 bytes as a one-dimensional dataset, chunked with Fletcher32: `bytes(f[path][:]).decode()` in h5py. The pieces of a
   * long text are drawn a chunk at a time.
   */
  writeText(path: string, pieces: Iterable<string>): void
  /** A table, chunked with Fletcher32; rows are drawn from the iterable a chunk at a time. */
  writeCompound(
    path: string,
    columns: readonly CompoundColumn[],
    rows: Iterable<CompoundRow>,
    options?: CompoundOptions,
  ): void
  /** A scalar: text as encoded, number as float64, bigint as int64. An object has at most 8. */
  writeAttribute(path: string, name: string, value: AttributeValue, options?: AttributeOptions): void
  /** Makes a dataset a dimension scale of this name. */
  makeScale(path: string, name: string): void
  /** Names dimension `dimension` of a dataset after a dimension scale. */
  attachScale(path: string, scalePath: string, dimension: number): void
  /** Completes the file. The bytes of a file in memory; nothing for a descriptor, which is neither synced nor closed. */
  close(): Uint8Array
  /** Gives up: releases what the writer holds, whatever state the file is in. Does nothing after close. */
  discard(): void
}

export interface AttributeOptions {
  /** `fixed-ascii` (the default) lies under metadata checksums; `variable-utf8` compares equal to `str` in h5py. */
  readonly encoding: 'fixed-ascii' | 'variable-utf8'
}

export interface WriterOptions {
  readonly pinnedTimeMs?: number
  /** Goes on with the HDF5 file behind the descriptor, instead of starting one. */
  readonly existing?: boolean
}

/**
 * Starts a file that h5py (HDF5 1.10 and newer) reads, with checksummed metadata (libver v110). The same calls give the
 * same bytes whenever they are made: libhdf5 sees the time `pinnedTimeMs`.
 */
export async function openWriter(
  target: WriterTarget,
  { pinnedTimeMs = 0, existing = false }: WriterOptions = {},
): Promise<Hdf5Writer> {
  return new SandboxedWriter(await loadHdf5(), target, { pinnedTimeMs, existing })
}
