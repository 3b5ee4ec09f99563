import { randomBytes } from 'node:crypto'

/** Chance as the deciding code sees it; a simulation passes a seeded one. */
export interface Randomness {
  /** An identifier that nobody else draws: 16 lower-case hexadecimal digits. */
  id(): string
  /** Uniform in [0, 1). */
  uniform(): number
}

/** The randomness of this machine. */
export const systemRandomness: Randomness = {
  id: () => randomBytes(8).toString('hex'),
  uniform: () => Math.random(),
}
