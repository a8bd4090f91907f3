#include "controller/directory/room_scripts.h"

#include <string>

namespace sfu::directory {
namespace {

constexpr char kCommon[] = R"(
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease_ms, memory_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local nonsense = 0

local function load(key)
  local type = redis.call('TYPE', key).ok
  if type == 'none' then return nil end
  if type == 'string' and redis.call('STRLEN', key) <= 512 then
    local epoch, since, lease, controller, worker =
        string.match(redis.call('GET', key), '^1 (%d+) (%d+) (%d+) (%S+) (%S*)$')
    if epoch and #epoch <= 15 and #since <= 15 and #lease <= 15 then
      return {epoch = tonumber(epoch), since = tonumber(since), lease = tonumber(lease),
              controller = controller, worker = worker}
    end
  end
  nonsense = nonsense + 1
  return nil
end

local function is_live(entry) return entry and entry.lease > now end
local function is_released(entry) return entry.lease == 0 end

local function store(key, entry)
  redis.call('SET', key,
             string.format('1 %.0f %.0f %.0f %s %s', entry.epoch, entry.since, entry.lease,
                           entry.controller, entry.worker),
             'PX', (entry.lease > now and lease_ms or 0) + memory_ms)
end

local function answer(entry)
  if not entry then return {nonsense} end
  return {nonsense, entry.controller, entry.worker, entry.epoch}
end
)";

redis::Script Make(const char* body) { return redis::Script(std::string(kCommon) + body); }

}  // namespace

const redis::Script& FindScript() {
  static const redis::Script script = Make(R"(
local entry = load(KEYS[1])
return answer(is_live(entry) and entry or nil)
)");
  return script;
}

const redis::Script& ClaimScript() {
  static const redis::Script script = Make(R"(
local controller, worker, epoch, held = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local entry = load(KEYS[1])
local since = now - held
if entry and entry.controller == controller and not is_released(entry) then
  if epoch == 0 then epoch = entry.epoch + (entry.worker == worker and 0 or 1) end
  if epoch < entry.epoch then epoch, worker = entry.epoch, entry.worker end
  since = math.min(since, entry.since)
elseif is_live(entry) then
  return answer(entry)
else
  epoch = math.max(epoch, (entry and entry.epoch or 0) + 1)
end
entry = {epoch = epoch, since = since, lease = now + lease_ms, controller = controller,
         worker = worker}
store(KEYS[1], entry)
return answer(entry)
)");
  return script;
}

const redis::Script& TakeOverScript() {
  static const redis::Script script = Make(R"(
local controller, worker, epoch, held = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
local from_controller, from_epoch = ARGV[7], tonumber(ARGV[8])
local entry = load(KEYS[1])
local unchanged = entry and entry.controller == from_controller and entry.epoch == from_epoch
if is_live(entry) and not unchanged then return answer(entry) end
epoch = math.max(epoch, from_epoch + 1, (entry and entry.epoch or 0) + 1)
entry = {epoch = epoch, since = now - held, lease = now + lease_ms, controller = controller,
         worker = worker}
store(KEYS[1], entry)
return answer(entry)
)");
  return script;
}

const redis::Script& ReleaseScript() {
  static const redis::Script script = Make(R"(
local entry = load(KEYS[1])
if entry and entry.controller == ARGV[3] then
  entry.lease = 0
  store(KEYS[1], entry)
end
return answer(nil)
)");
  return script;
}

// Between equal epochs, as after Redis lost everything and somebody else made the room anew, the
// one that has held it longer has the better right: more people are there. A second's difference
// is none, or two owners could lose it to one another in turn.
const redis::Script& RenewScript() {
  static const redis::Script script = Make(R"(
local controller = ARGV[3]
local conflicts = {0}
for i, key in ipairs(KEYS) do
  local worker, epoch = ARGV[1 + 3 * i], tonumber(ARGV[2 + 3 * i])
  local since = now - tonumber(ARGV[3 + 3 * i])
  local entry = load(key)
  local is_mine = entry and entry.controller == controller
  if entry and not is_mine and
     (entry.epoch > epoch or
      (entry.epoch == epoch and is_live(entry) and entry.since <= since + 1000)) then
    table.insert(conflicts, i)
    table.insert(conflicts, entry.controller)
    table.insert(conflicts, entry.worker)
    table.insert(conflicts, entry.epoch)
  elseif not (is_mine and is_released(entry) and entry.epoch >= epoch) then
    if is_mine and not is_released(entry) then
      if entry.epoch > epoch then epoch, worker = entry.epoch, entry.worker end
      since = math.min(since, entry.since)
    end
    store(key, {epoch = epoch, since = since, lease = now + lease_ms, controller = controller,
                worker = worker})
  end
end
conflicts[1] = nonsense
return conflicts
)");
  return script;
}

}  // namespace sfu::directory
