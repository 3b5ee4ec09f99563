import type { SweepPlan } from '@windrow/common/sweep/expand.ts'
import type { WreckRow } from '@windrow/common/wrecks/wreck.ts'

/** What fields of a sweep may be called that mean the same as those of a row. */
const aliases: Readonly<Record<string, readonly string[]>> = {
  farm_idx: ['farm_idx', 'farm_id', 'farm'],
  type_idx: ['type_idx', 'type_id', 'farm_type', 'type'],
  ss_seed: ['ss_seed', 'seed'],
}

/**
 * The place of the configuration that a row is of; undefined when the sweep has none. A row with a name of its own is found
 * by that name alone; one with indices by the key they make in the pattern of the sweep, whatever that is.
 */
export function identifyRow({ key, fields }: Pick<WreckRow, 'key' | 'fields'>, plan: SweepPlan): number | undefined {
  const wanted = Object.keys(fields).length === 0 ? key : (keyOf(fields, plan.specification.key) ?? key)
  const index = plan.indexOf(wanted)
  // The table of keys takes upper and lower case for the same.
  return index !== undefined && plan.keyAt(index) === wanted ? index : undefined
}

function keyOf(fields: WreckRow['fields'], pattern: string): string | undefined {
  let complete = true
  const key = pattern.replaceAll(/\{([^{}]+)\}/g, (_, placeholder: string) => {
    const bare = placeholder.trim().split('.').at(-1)!
    const field = Object.keys(aliases).find((name) => aliases[name]!.includes(bare))
    const value = field && fields[field]
    complete &&= value !== undefined
    return String(value)
  })
  return complete ? key : undefined
}
