import { absence, endings, holders, names, readCell, readEpoch, writeCell } from './lua-parts.ts'
import { redisScript } from './redis-script.ts'

/*
 * What becomes of attempts that are held, beside begin and settle (redis-scripts.ts). The keys and the answers are those of the
 * ledger's other scripts.
 */

const script = (...parts: string[]) => redisScript(names + parts.join(''))

/** ARGV: now, then index, attempt, epoch and worker by turns. */
const repeatRunning = script(
  absence,
  readCell,
  writeCell,
  readEpoch,
  holders,
  endings,
  `
if is_absent() then return {'absent'} end
local function may_go_on(index, attempt, epoch, worker, state, spent)
  if epoch ~= epoch_of(index) then return false end
  if state == RUNNING then
    local holder = holder_of(index)
    if holder.attempt ~= attempt then return false end
    holder.beat = ARGV[1]
    hold(index, holder)
    return true
  end
  if state ~= PENDING and state ~= RETRYING then return false end
  local has_spent = '1'
  local last = ended_of(index)
  if last and last.attempt == attempt then
    if last.how ~= 'taken-back' then return false end
    has_spent = last.has_spent
  else
    spent = spent + 1
  end
  put(index, state, RUNNING, spent)
  hold(index, {attempt = attempt, worker = worker, beat = ARGV[1], has_spent = has_spent, old_attempts = '', old_workers = ''})
  return true
end
local refused = {}
for i = 2, #ARGV, 4 do
  local state, spent = cell_of(ARGV[i])
  if state and not may_go_on(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], state, spent) then
    refused[#refused + 1] = tonumber(ARGV[i])
  end
end
return {'repeated', refused}
`,
)

/** ARGV: index, attempt, olderThan. */
const takeBack = script(
  absence,
  readCell,
  writeCell,
  holders,
  endings,
  `
local index, attempt = ARGV[1], ARGV[2]
local state, spent = cell_of(index)
if not state then return no_cell() end
if state ~= RUNNING then
  local last = state == PENDING and ended_of(index)
  return {last and last.attempt == attempt and last.how == 'taken-back' and 'taken' or 'left'}
end
local holder = holder_of(index)
if holder.attempt ~= attempt or tonumber(holder.beat) >= tonumber(ARGV[3]) then return {'left'} end
put(index, state, PENDING, spent)
finish(index, attempt, 'taken-back', holder.has_spent)
return {'taken'}
`,
)

export const holdingScripts = { repeatRunning, takeBack } as const
