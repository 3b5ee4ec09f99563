/**
 * A question that is asked once at a time: who asks while an earlier one is unanswered waits for its answer, and nobody
 * longer than `withinMs`; then it rejects with what `late` makes. What hangs is thereby waited for by one call alone.
 */
export function oneAtATime<Answer>(
  ask: () => Promise<Answer>,
  { withinMs, late }: { withinMs: number; late: () => Error },
): () => Promise<Answer> {
  let asking: Promise<Answer> | undefined
  return async () => {
    asking ??= ask().finally(() => {
      asking = undefined
    })
    return await within(asking, { withinMs, late })
  }
}

async function within<Answer>(
  asking: Promise<Answer>,
  { withinMs, late }: { withinMs: number; late: () => Error },
): Promise<Answer> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(late()), withinMs)
  })
  try {
    return await Promise.race([asking, tooLate])
  } finally {
    clearTimeout(timer)
  }
}
