import type { S3Settings } from './s3-client.ts'
import { mayPass } from './s3-errors.ts'

const firstPauseMs = 100
const longestPauseMs = 2_000

/**
 * Repeats a request whose failure may pass, after jittered pauses from 0.1 to 2 s, for `patienceMs`; then, and at once
 * when it cannot pass, throws what the last one threw.
 */
export async function repeatedly<Answer>(
  { clock, randomness, patienceMs }: S3Settings,
  request: () => Promise<Answer>,
): Promise<Answer> {
  const giveUpAtMs = clock.now() + patienceMs
  for (let tries = 0; ; tries++) {
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(tries, 10)) * (0.5 + randomness.uniform() / 2)
    try {
      return await request()
    } catch (error) {
      if (!mayPass(error) || clock.now() + pauseMs > giveUpAtMs) throw error
    }
    await clock.sleep(pauseMs)
  }
}
