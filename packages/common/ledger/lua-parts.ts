import { type ConfigurationState, configurationStates } from './states.ts'

/*
 * What the scripts of redis-scripts.ts are put together from. Each takes only what it needs: Redis makes the functions anew at
 * every call.
 */

const code = (state: ConfigurationState) => configurationStates.indexOf(state)

export const names = `
local meta, cells, epochs, running, ended = KEYS[1], KEYS[2], KEYS[3], KEYS[4], KEYS[5]
local PENDING, RUNNING, RETRYING, COMMITTED = ${code('pending')}, ${code('running')}, ${code('retrying')}, ${code('committed')}
local DEAD_CORRUPT, DEAD_FAILED, CANCELLED = ${code('dead-corrupt')}, ${code('dead-failed')}, ${code('cancelled')}
local call = redis.call
`

/*
 * A call of `begin` or `settle` brings the requests of many configurations, 5 arguments each. The way of nearly every attempt (it
 * begins, it is committed) comes before anything else is looked at and any function is made, and asks Redis once for what many
 * can share. The script behind gives the same answers, one request after the other, and takes those left in `rest`: what came
 * before it about the same configuration has then happened.
 */

/** Pending configurations with attempts left begin. */
export const quickBegin = `
local replies, rest, seen, quick, spent_by, held = {}, {}, {}, {}, {}, {}
for i = 1, #ARGV, 5 do
  local at = ARGV[i]
  local cell = not seen[at] and string.byte(call('GETRANGE', cells, at, at))
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

/** Running configurations are committed in their live epoch. */
export const quickCommit = `
local replies, rest, seen, asked, cell_by, request_by = {}, {}, {}, {}, {}, {}
for i = 1, #ARGV, 5 do
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
  local epoch_by = call('HMGET', epochs, unpack(asked))
  local facts = call('HMGET', meta, 'revision', 'open', 'c' .. COMMITTED)
  local revision, open, quick = facts[1], facts[2], {}
  for nth, at in ipairs(asked) do
    local i = request_by[nth]
    if tonumber(ARGV[i + 2]) == tonumber(epoch_by[nth] or 0) then
      call('SETRANGE', cells, at, string.char(cell_by[nth] - RUNNING + COMMITTED))
      quick[#quick + 1] = at
      revision, open = revision + 1, open - 1
      replies[(i + 4) / 5] = {'settled', open, revision}
    else
      rest[#rest + 1] = i
    end
  end
  if #quick > 0 then
    call('HDEL', running, unpack(quick))
    call('HSET', meta, 'revision', revision, 'open', open, 'c' .. COMMITTED, facts[3] + #quick)
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
end
local function revise() call('HINCRBY', meta, 'revision', 1) end
`
