import type { MutantOutcome } from './catch-mutants.ts'
import type { Judgement } from './judge.ts'
import { nameOf } from './mutant.ts'

/** A row a bug: its name, what noticed it, seconds. */
export function resultTable(outcomes: readonly MutantOutcome[]): string {
  const rows = outcomes.map(({ mutant, judgements, seconds }) => {
    const found = judgements.map(({ catcher, judgement }) => `${nameOf(catcher)}: ${describe(judgement)}`)
    return `| ${mutant.name} | ${found.join('<br>')} | ${seconds.toFixed(1)} |`
  })
  return ['| bug | caught by | seconds |', '|---|---|--:|', ...rows].join('\n')
}

/** How many were caught, and the names of those that were not. */
export function summaryOf(outcomes: readonly MutantOutcome[]): string {
  const survivors = outcomes.filter(({ caught }) => !caught)
  const counts = `${outcomes.length - survivors.length} of ${outcomes.length} planted bugs caught`
  return survivors.length === 0 ? counts : `${counts}; NOT: ${survivors.map(({ mutant }) => mutant.name).join(', ')}`
}

function describe(judgement: Judgement): string {
  switch (judgement.verdict) {
    case 'caught':
      return `${judgement.by}${judgement.others > 0 ? ` (and ${judgement.others} more)` : ''}`
    case 'hung':
      return 'it hangs, and was ended at its time limit'
    case 'survived':
      return '**not caught**'
    case 'nothing told':
      return `**nothing told: ${judgement.why}**`
  }
}
