/**
 * The version of the numerics: equal to the version in package.json, and part of the numerics id that a manifest records.
 * Raise both whenever a change makes any result differ, even in the last bit.
 */
export const windVersion = '0.1.0'
