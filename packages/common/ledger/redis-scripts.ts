import { holdingScripts } from './holding-scripts.ts'
import {
  absence,
  endings,
  holders,
  names,
  quickBegin,
  quickCommit,
  readCell,
  readEpoch,
  revising,
  trials,
  trying,
  writeCell,
} from './lua-parts.ts'
import { redisScript } from './redis-script.ts'
import { trialScripts } from './trial-scripts.ts'

/*
 * The transitions of transitions.ts in Lua, one script each. Every script takes the keys of ledgerKeys and answers
 * 'absent' when there is no ledger and 'unknown' when it does not reach to the index.
 */

/** The keys of a sweep's ledger; the braces keep them in one slot of a Redis cluster. */
export const ledgerKeys = (sweep: string) =>
  ({
    /**
     * Hash: total, open, manifest, revision, merged, instance, and c2.. the number of configurations in each state,
     * but for the running, which are the entries of `running`, and the pending, which are the rest: that spares a command
     * or two in every transition. Of trials: good and bad, how many succeeded and failed; best, the host of the newest success;
     * row: failures|fingerprint|good before them|hosts|index|epoch|attempt; aside, how many hosts are set aside.
     */
    meta: `windrow:{${sweep}}:meta`,
    /** String: a byte a configuration. */
    cells: `windrow:{${sweep}}:cells`,
    /** Hash: index -> live epoch, when it is above 0. */
    epochs: `windrow:{${sweep}}:epochs`,
    /** Hash: index -> attempt|worker|beat|has spent (1 or 0)|superseded attempts|their workers; lists with commas. */
    running: `windrow:{${sweep}}:running`,
    /** Hash: index -> attempt|how|has spent: the last attempt, where it ended in something else than a commit. */
    ended: `windrow:{${sweep}}:ended`,
    /** Hash: host -> set aside (1 or 0)|id|good before it|failures|configurations: its streak, see trials.ts. */
    hosts: `windrow:{${sweep}}:hosts`,
    /** Hash: index -> host:id of the streaks in which attempts of its live epoch failed. Says nothing of a committed one. */
    failed: `windrow:{${sweep}}:failed`,
    /** Hash: index -> attempts|workers, lists with commas: who ran a committed configuration when another committed it. */
    outrun: `windrow:{${sweep}}:outrun`,
  }) as const

const script = (...parts: string[]) => redisScript(names + parts.join(''))

/** ARGV: manifest, instance, cells, total, open, c2..c6, then index and epoch by turns. */
const create = script(
  absence,
  `
if not is_absent() then return 'exists' end
call('SET', cells, ARGV[3])
call('DEL', epochs, running, ended, hosts, failed, outrun)
call('HSET', meta, 'manifest', ARGV[1], 'instance', ARGV[2], 'total', ARGV[4], 'open', ARGV[5], 'revision', 0, 'merged', -1)
for state = RETRYING, CANCELLED do call('HSET', meta, 'c' .. state, ARGV[4 + state]) end
for i = 5 + CANCELLED, #ARGV, 2 do call('HSET', epochs, ARGV[i], ARGV[i + 1]) end
return 'created'
`,
)

/** ARGV: manifest, fromTotal, cells, their number, how many are open, c2..c6. */
const extend = script(
  absence,
  revising,
  `
if is_absent() then return {'absent'} end
if tonumber(ARGV[1]) <= tonumber(call('HGET', meta, 'manifest')) then return {'repeated'} end
local total = tonumber(call('HGET', meta, 'total'))
if tonumber(ARGV[2]) ~= total then return {'mismatch', total} end
call('APPEND', cells, ARGV[3])
for state = RETRYING, CANCELLED do call('HINCRBY', meta, 'c' .. state, ARGV[4 + state]) end
call('HINCRBY', meta, 'open', ARGV[5])
call('HSET', meta, 'manifest', ARGV[1], 'total', total + tonumber(ARGV[4]))
revise()
return {'extended'}
`,
)

/** ARGV: index, attempt, worker, budget, now by turns; a reply for each. */
const begin = script(
  quickBegin,
  absence,
  readCell,
  writeCell,
  readEpoch,
  holders,
  `
local function begin_one(index, attempt, worker, budget, now)
  local state, spent = cell_of(index)
  if not state then return no_cell() end
  local epoch = epoch_of(index)
  if state == COMMITTED then
    local attempts, workers = string.match(call('HGET', outrun, index) or '|', '^(.*)|(.*)$')
    return {'committed', epoch, math.min(spent, 15), attempts, workers}
  end
  if state == CANCELLED then return {'cancelled', epoch} end
  if state == DEAD_CORRUPT or state == DEAD_FAILED then return {'dead', epoch} end
  local holder = state == RUNNING and holder_of(index) or nil
  if not (holder and holder.attempt == attempt) then
    local host = string.match(worker, '^(.-)%%2F') or worker
    local trouble = string.byte(call('HGET', hosts, host) or '')
    if trouble and trouble ~= IN_STREAK then return {'set-aside', epoch} end
    local has_spent = spent < tonumber(budget)
    if has_spent then spent = spent + 1 end
    put(index, state, RUNNING, spent)
    holder = {
      attempt = attempt, worker = worker, beat = now, has_spent = has_spent and '1' or '0',
      old_attempts = holder and with(holder.old_attempts, holder.attempt) or '',
      old_workers = holder and with(holder.old_workers, holder.worker) or '',
    }
    hold(index, holder)
  end
  return {holder.has_spent == '1' and 'begun' or 'exhausted', epoch, math.min(spent, 15), holder.old_attempts, holder.old_workers}
end
for _, i in ipairs(rest) do replies[(i + 4) / 5] = begin_one(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3], ARGV[i + 4]) end
return replies
`,
)

/**
 * ARGV: index, attempt, epoch, settlement, the code of the state it leads to, host of the trial or nothing, its fingerprint or
 * nothing, whether it blames the host (1 or 0), by turns; a reply for each.
 */
const settle = script(
  quickCommit,
  absence,
  readCell,
  writeCell,
  readEpoch,
  holders,
  endings,
  trials,
  trying,
  `
local function settle_one(index, attempt, epoch, settlement, target, host, fingerprint, blames)
  local state, spent = cell_of(index)
  if not state then return no_cell() end
  local counter = 'c' .. target
  local facts = call('HMGET', meta, 'revision', 'open', counter)
  local revision, open = tonumber(facts[1]), tonumber(facts[2])
  local function answer(outcome) return {outcome, open, revision} end
  local function settle_as(spent_now)
    write_cell(index, target, spent_now)
    if is_counted(state) then call('HINCRBY', meta, 'c' .. state, -1) end
    if is_open(state) and not is_open(target) then open = open - 1 end
    if not is_open(target) then revision = revision + 1 end
    if is_counted(target) then call('HSET', meta, 'revision', revision, 'open', open, counter, facts[3] + 1) end
    if host == '' then return answer('settled') end
    if fingerprint ~= '' then return {'settled', open, revision, note_failure(host, fingerprint, blames, index, epoch, attempt)} end
    note_success(host)
    return answer('settled')
  end
  if epoch ~= epoch_of(index) then return answer('fenced') end
  if target == COMMITTED then
    if state == COMMITTED then
      local last = string.match(call('HGET', outrun, index) or '', '([^,|]+)|')
      if last == attempt then call('HDEL', outrun, index) end
      return answer('repeated')
    end
    if state == RUNNING then
      local holder = holder_of(index)
      if holder.attempt ~= attempt then call('HSET', outrun, index, with(holder.old_attempts, holder.attempt) .. '|' .. with(holder.old_workers, holder.worker)) end
      call('HDEL', running, index)
    end
    return settle_as(spent)
  end
  local holder = state == RUNNING and holder_of(index) or nil
  if not holder or holder.attempt ~= attempt then
    local last = state ~= RUNNING and state ~= COMMITTED and ended_of(index)
    return answer(last and last.attempt == attempt and last.how == settlement and 'repeated' or 'fenced')
  end
  finish(index, attempt, settlement, holder.has_spent)
  return settle_as(settlement == 'handed-back' and holder.has_spent == '1' and spent - 1 or spent)
end
for _, i in ipairs(rest) do
  replies[(i + 7) / 8] = settle_one(ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2]), ARGV[i + 3], tonumber(ARGV[i + 4]), ARGV[i + 5], ARGV[i + 6], ARGV[i + 7])
end
return replies
`,
)

/** ARGV: index, epoch. */
const reopen = script(
  absence,
  readCell,
  writeCell,
  readEpoch,
  revising,
  `
local index = ARGV[1]
local state = cell_of(index)
if not state then return no_cell() end
local epoch = epoch_of(index)
if tonumber(ARGV[2]) ~= epoch then return {'stale'} end
put(index, state, PENDING, 0)
call('HSET', epochs, index, epoch + 1)
forget(index)
revise()
return {'reopened'}
`,
)

/** ARGV: pending or cancelled, then the indices, at most 5000: so many arguments a command may have here. */
const select = script(
  absence,
  readCell,
  writeCell,
  `
if is_absent() then return {'absent'} end
local changed, was_retrying = {}, 0
for i = 2, #ARGV do
  local index = ARGV[i]
  local state, spent = cell_of(index)
  if ARGV[1] == 'cancelled' and state and is_open(state) then
    write_cell(index, CANCELLED, spent)
    if state == RUNNING then call('HDEL', running, index) end
    if state == RETRYING then was_retrying = was_retrying + 1 end
    changed[#changed + 1] = index
  elseif ARGV[1] == 'pending' and state == CANCELLED then
    write_cell(index, PENDING, 0)
    changed[#changed + 1] = index
  end
end
if #changed > 0 then
  local cancelled = ARGV[1] == 'cancelled' and #changed or -#changed
  call('HINCRBY', meta, 'c' .. CANCELLED, cancelled)
  -- Lua writes the negative of nothing as -0, which Redis takes for no number.
  if was_retrying > 0 then call('HINCRBY', meta, 'c' .. RETRYING, -was_retrying) end
  call('HINCRBY', meta, 'open', -cancelled)
  call('HINCRBY', meta, 'revision', 1)
  call('HDEL', ended, unpack(changed))
  call('HDEL', failed, unpack(changed))
end
return {'selected', #changed}
`,
)

/** ARGV: revision, instance. */
const markMerged = script(
  absence,
  `
if is_absent() then return {'absent'} end
if call('HGET', meta, 'instance') ~= ARGV[2] then return {'another'} end
-- Redis came back without its last second: what was merged then is not what it counts to this number now.
if tonumber(ARGV[1]) > tonumber(call('HGET', meta, 'revision')) then return {'forgotten'} end
if tonumber(ARGV[1]) > tonumber(call('HGET', meta, 'merged')) then call('HSET', meta, 'merged', ARGV[1]) end
return {'marked'}
`,
)

export const ledgerScripts = {
  create,
  extend,
  begin,
  settle,
  reopen,
  select,
  markMerged,
  ...holdingScripts,
  ...trialScripts,
} as const
