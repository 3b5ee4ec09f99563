import { absence, names, readCell, readEpoch, trials, writeCell } from './lua-parts.ts'
import { redisScript } from './redis-script.ts'

/*
 * What is asked of trials beside begin and settle (redis-scripts.ts), which note them. The keys and the answers are those of the
 * ledger's other scripts.
 */

const script = (...parts: string[]) => redisScript(names + parts.join(''))

const forgetRow = script(
  absence,
  `
if is_absent() then return {'absent'} end
call('HDEL', meta, 'row')
return {'forgotten'}
`,
)

/** ARGV: the hosts that are set aside from now on. */
const setAside = script(
  absence,
  trials,
  `
if is_absent() then return {'absent'} end
local wanted = {}
for _, host in ipairs(ARGV) do wanted[host] = true end
local known = call('HGETALL', hosts)
for i = 1, #known, 2 do
  if string.byte(known[i + 1]) ~= IN_STREAK and not wanted[known[i]] then call('HDEL', hosts, known[i]) end
end
for host in pairs(wanted) do
  local streak = streak_of(host) or new_streak()
  streak.aside = '1'
  keep_streak(host, streak)
end
call('HSET', meta, 'aside', #ARGV)
return {'set'}
`,
)

/** ARGV: host, then indices. Answers with those that are open and owed attempts, and index and epoch by turns of the dead. */
const owedBy = script(
  absence,
  readCell,
  readEpoch,
  trials,
  `
if is_absent() then return {'absent'} end
local streak, open, dead = streak_of(ARGV[1]), {}, {}
for i = 2, #ARGV do
  local index = ARGV[i]
  if streak and listed(call('HGET', failed, index) or '', ARGV[1] .. ':' .. streak.id) then
    local state = cell_of(index)
    if state == PENDING or state == RETRYING then open[#open + 1] = tonumber(index) end
    if state == DEAD_CORRUPT or state == DEAD_FAILED then
      dead[#dead + 1] = tonumber(index)
      dead[#dead + 1] = epoch_of(index)
    end
  end
end
return {'owed', open, dead}
`,
)

/** ARGV: host, then indices. */
const giveBack = script(
  absence,
  readCell,
  writeCell,
  trials,
  `
if is_absent() then return {'absent'} end
local streak, given = streak_of(ARGV[1]), 0
for i = 2, #ARGV do
  local index = ARGV[i]
  local state, spent = cell_of(index)
  if streak and (state == PENDING or state == RETRYING) then
    local mine, count, kept = ARGV[1] .. ':' .. streak.id, 0, ','
    for name in string.gmatch(call('HGET', failed, index) or '', '[^,]+') do
      if name == mine then count = count + 1 else kept = kept .. name .. ',' end
    end
    if count > 0 then
      write_cell(index, state, math.max(0, spent - count))
      if kept == ',' then call('HDEL', failed, index) else call('HSET', failed, index, kept) end
      given = given + count
    end
  end
end
return {'given', given}
`,
)

export const trialScripts = { forgetRow, setAside, owedBy, giveBack } as const
