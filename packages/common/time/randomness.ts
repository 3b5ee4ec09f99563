import { randomFillSync } from 'node:crypto'

/** Chance as the deciding code sees it; a simulation passes a seeded one. */
export interface Randomness {
  /** An identifier that nobody else draws: 16 lower-case hexadecimal digits. */
  id(): string
  /** Uniform in [0, 1). */
  uniform(): number
}

/** The randomness of this machine. */
export const systemRandomness: Randomness = {
  id: () => {
    if (drawn === pool.length) {
      randomFillSync(pool)
      drawn = 0
    }
    drawn += idBytes
    return pool.toString('hex', drawn - idBytes, drawn)
  },
  uniform: () => Math.random(),
}

const idBytes = 8
/** Asking the system for each identifier by itself takes ten times as long. */
const pool = Buffer.alloc(512 * idBytes)
let drawn = pool.length
