/**
 * The pause before the next attempt: doubles from `fromMs` with each attempt spent, at most `toMs`, and is drawn
 * uniformly from its upper half so that configurations that failed together do not come back together.
 */
export function backoffMs(
  policy: { readonly fromMs: number; readonly toMs: number },
  attemptsSpent: number,
  uniform: number,
): number {
  const doubled = policy.fromMs * 2 ** Math.min(30, Math.max(0, attemptsSpent - 1))
  return Math.round(Math.min(policy.toMs, doubled) * (0.5 + uniform / 2))
}
