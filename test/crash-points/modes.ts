/** What may happen at a point. */
export const crashModes = ['killed before', 'killed after', 'reported as failed'] as const
export type CrashMode = (typeof crashModes)[number]

/** The file that stands for a point, or for a point and what happened there. */
export function fileOf(point: string, mode?: string): string {
  return encodeURIComponent(mode === undefined ? point : `${point} ${mode}`)
}
