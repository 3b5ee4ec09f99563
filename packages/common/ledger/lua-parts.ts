import { configurationsKept } from '../trials/trials.ts'
import { type ConfigurationState, configurationStates } from './states.ts'

/*
 * What the scripts of redis-scripts.ts are put together from. Each takes only what it needs: Redis makes the functions anew at
 * every call.
 */

const code = (state: ConfigurationState) => configurationStates.indexOf(state)

export const names = `
local meta, cells, epochs, running, ended, hosts, failed, outrun = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[6], KEYS[7], KEYS[8]
local PENDING, RUNNING, RETRYING, COMMITTED = ${code('pending')}, ${code('running')}, ${code('retrying')}, ${code('committed')}
local DEAD_CORRUPT, DEAD_FAILED, CANCELLED = ${code('dead-corrupt')}, ${code('dead-failed')}, ${code('cancelled')}
local call = redis.call
local IN_STREAK = string.byte('0')
`

/*
 * A call of `begin` brings the requests of many configurations, 5 arguments each, one of `settle` 8. The way of nearly every attempt (it
 * begins, it is committed) comes before anything else is looked at and any function is made, and asks Redis once for what many
 * can share. The script behind gives the same answers, one request after the other, and takes those left in `rest`: what came
 * before it about the same configuration has then happened.
 */

/** Pending configurations with attempts left begin, while no host is set aside. */
export const quickBegin = `
local replies, rest, seen, quick, spent_by, held = {}, {}, {}, {}, {}, {}
local aside = call('HGET', meta, 'aside')
local all_well = not aside or aside == '0'
for i = 1, #ARGV, 5 do
  local at = ARGV[i]
  local cell = all_well and not seen[at] and string.byte(call('GETRANGE', cells, at, at))
  seen[at] = true
  if cell and cell % 16 == PENDING and (cell - PENDING) / 16 < tonumber(ARGV[i + 3]) then
    local nth = #quick + 1
    quick[nth] = at
    spent_by[nth] = math.min((cell - PENDING) / 16 + 1, 15)
    call('SETRANGE', cells, at, string.char(RUNNING + 16 * spent_by[nth]))
    held[2 * nth - 1] = at
    held[2 * nth] = ARGV[i + 1] .. '|' .. ARGV[i + 2] .. '|' .. ARGV[i + 4] .. '|1||'
    replies[(i + 4) / 5] = nth
  else
    rest[#rest + 1] = i
  end
end
if #quick > 0 then
  local epoch_by = call('HMGET', epochs, unpack(quick))
  call('HSET', running, unpack(held))
  for k, nth in pairs(replies) do replies[k] = {'begun', tonumber(epoch_by[nth] or 0), spent_by[nth], '', ''} end
end
if #rest == 0 then return replies end
`

/** Running configurations are committed in their live epoch by those that run them. */
export const quickCommit = `
local replies, rest, seen, asked, cell_by, request_by, winners = {}, {}, {}, {}, {}, {}, {}
for i = 1, #ARGV, 8 do
  local at = ARGV[i]
  local cell = not seen[at] and ARGV[i + 3] == 'committed' and string.byte(call('GETRANGE', cells, at, at))
  seen[at] = true
  if cell and cell % 16 == RUNNING then
    local nth = #asked + 1
    asked[nth], cell_by[nth], request_by[nth] = at, cell, i
  else
    rest[#rest + 1] = i
  end
end
if #asked > 0 then
  local epoch_by, held_by = call('HMGET', epochs, unpack(asked)), call('HMGET', running, unpack(asked))
  local facts = call('HMGET', meta, 'revision', 'open', 'c' .. COMMITTED, 'good', 'best')
  local revision, open, quick, good, best = facts[1], facts[2], {}, facts[4] or 0, facts[5] or ''
  for nth, at in ipairs(asked) do
    local i = request_by[nth]
    local mine = ARGV[i + 1] .. '|'
    if tonumber(ARGV[i + 2]) == tonumber(epoch_by[nth] or 0) and string.sub(held_by[nth], 1, #mine) == mine then
      call('SETRANGE', cells, at, string.char(cell_by[nth] - RUNNING + COMMITTED))
      quick[#quick + 1] = at
      revision, open = revision + 1, open - 1
      local host = ARGV[i + 5]
      if host ~= '' then good, best, winners[host] = good + 1, host, true end
      replies[(i + 7) / 8] = {'settled', open, revision}
    else
      rest[#rest + 1] = i
    end
  end
  if #quick > 0 then
    call('HDEL', running, unpack(quick))
    call('HSET', meta, 'revision', revision, 'open', open, 'c' .. COMMITTED, facts[3] + #quick, 'good', good, 'best', best)
    if next(winners) and call('HLEN', hosts) > 0 then
      for host in pairs(winners) do
        if string.byte(call('HGET', hosts, host) or '') == IN_STREAK then call('HDEL', hosts, host) end
      end
    end
  end
end
if #rest == 0 then return replies end
`

export const absence = `
local function is_absent() return call('EXISTS', meta) == 0 end
local function no_cell() return {is_absent() and 'absent' or 'unknown'} end
`

export const readCell = `
local function cell_of(index)
  local byte = call('GETRANGE', cells, index, index)
  if byte == '' then return nil end
  local cell = string.byte(byte)
  return cell % 16, math.floor(cell / 16)
end
`

export const writeCell = `
local function write_cell(index, state, spent)
  call('SETRANGE', cells, index, string.char(state + 16 * math.min(spent, 15)))
end
local function is_counted(state) return state ~= PENDING and state ~= RUNNING end
local function is_open(state) return state == PENDING or state == RUNNING or state == RETRYING end
local function put(index, was, state, spent)
  write_cell(index, state, spent)
  if was == state then return end
  if is_counted(was) then call('HINCRBY', meta, 'c' .. was, -1) end
  if is_counted(state) then call('HINCRBY', meta, 'c' .. state, 1) end
  if is_open(was) ~= is_open(state) then call('HINCRBY', meta, 'open', is_open(state) and 1 or -1) end
end
`

export const readEpoch = `
local function epoch_of(index) return tonumber(call('HGET', epochs, index) or 0) end
`

export const holders = `
local function holder_of(index)
  local text = call('HGET', running, index)
  local attempt, worker, beat, spent, old_attempts, old_workers = string.match(text, '^([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)|([^|]*)$')
  return {attempt = attempt, worker = worker, beat = beat, has_spent = spent, old_attempts = old_attempts, old_workers = old_workers}
end
local function with(list, last) return list == '' and last or list .. ',' .. last end
local function hold(index, holder)
  call('HSET', running, index, table.concat({holder.attempt, holder.worker, holder.beat, holder.has_spent, holder.old_attempts, holder.old_workers}, '|'))
end
`

export const endings = `
-- Says something only of a configuration that is neither running nor committed: it is not cleared when the next begins.
local function ended_of(index)
  local text = call('HGET', ended, index)
  if not text then return nil end
  local attempt, how, spent = string.match(text, '^([^|]*)|([^|]*)|([^|]*)$')
  return {attempt = attempt, how = how, has_spent = spent}
end
local function finish(index, attempt, how, has_spent)
  call('HDEL', running, index)
  call('HSET', ended, index, attempt .. '|' .. how .. '|' .. has_spent)
end
`

export const revising = `
local function forget(index)
  call('HDEL', running, index)
  call('HDEL', ended, index)
  call('HDEL', failed, index)
  call('HDEL', outrun, index)
end
local function revise() call('HINCRBY', meta, 'revision', 1) end
`

/**
 * Trials: note-trial.ts in Lua. A list is without an end of its own, each entry between two commas: `,1,2,`. A host and a
 * fingerprint have been escaped.
 */
export const trials = `
local function listed(list, entry) return string.find(list, ',' .. entry .. ',', 1, true) ~= nil end
local function streak_of(host)
  local aside, id, good, failures, indices = string.match(call('HGET', hosts, host) or '', '^(%d)|(%d+)|(%d+)|(%d+)|(.*)$')
  if not aside then return nil end
  return {aside = aside, id = id, good = good, failures = tonumber(failures), indices = indices}
end
local function keep_streak(host, streak)
  call('HSET', hosts, host, table.concat({streak.aside, streak.id, streak.good, streak.failures, streak.indices}, '|'))
end
local function new_streak()
  local counted = call('HMGET', meta, 'bad', 'good')
  return {aside = '0', id = counted[1] or '0', good = counted[2] or '0', failures = 0, indices = ','}
end
`

export const trying = `
local function note_success(host)
  call('HINCRBY', meta, 'good', 1)
  call('HSET', meta, 'best', host)
  if string.byte(call('HGET', hosts, host) or '') == IN_STREAK then call('HDEL', hosts, host) end
end
local function longer_row(host, fingerprint, index, epoch, attempt)
  local facts = call('HMGET', meta, 'good', 'row')
  local good = tostring(facts[1] or 0)
  local count, was, since, where = string.match(facts[2] or '', '^(%d+)|([^|]*)|(%d+)|([^|]*)|')
  if was ~= fingerprint or since ~= good then count, where = 0, ',' end
  if not listed(where, host) then where = where .. host .. ',' end
  call('HSET', meta, 'row', table.concat({count + 1, fingerprint, good, where, index, epoch, attempt}, '|'))
  return count + 1
end
local function note_failure(host, fingerprint, blames, index, epoch, attempt)
  local streak = streak_of(host) or new_streak()
  call('HINCRBY', meta, 'bad', 1)
  local in_a_row = longer_row(host, fingerprint, index, epoch, attempt)
  if blames ~= '1' then return in_a_row, 0 end
  local _, kept = string.gsub(streak.indices, '%d+', '')
  if kept < ${configurationsKept} and not listed(streak.indices, index) then
    streak.indices, kept = streak.indices .. index .. ',', kept + 1
  end
  streak.failures = streak.failures + 1
  keep_streak(host, streak)
  call('HSET', failed, index, (call('HGET', failed, index) or ',') .. host .. ':' .. streak.id .. ',')
  return in_a_row, kept
end
`
