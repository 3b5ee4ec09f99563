export interface Numerics {
  /** Version of packages/wind (its numerics/version.ts). */
  readonly windVersion: string
  /** `process.versions.v8`. */
  readonly v8Version: string
  /** `process.arch`. */
  readonly architecture: string
}

/** What the bits of a result depend on beside its configuration: `wind-0.1.0/v8-13.6.233.10/x64`. */
export function numericsIdOf({ windVersion, v8Version, architecture }: Numerics): string {
  return `wind-${windVersion}/v8-${v8Version}/${architecture}`
}
