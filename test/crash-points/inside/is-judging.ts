/** Whether the call comes from where the producer judges what attempts have shown: it reopens for a reason of its own. */
export const isJudging = (): boolean => new Error('where').stack?.includes('/apps/producer/judge-trials.ts') ?? false
