#include "common/redis/redis_node_registry.h"

#include <utility>

#include <fmt/format.h>

#include "common/log/log.h"
#include "common/redis/node_codec.h"

namespace sfu::redis {
namespace {

constexpr char kKey[] = "sfu:nodes";
constexpr log::Literal kReplaced = "the key held something else and was replaced";

// A field is the time of writing, in milliseconds of Redis's own clock, and the node's text. A key
// that holds another type is not one of ours, but in our place: it is replaced, and 1 returned.
const Script& PublishScript() {
  static const Script script(R"(
local time = redis.call('TIME')
local now = string.format('%.0f', time[1] * 1000 + math.floor(time[2] / 1000))
local replaced = 0
local type = redis.call('TYPE', KEYS[1]).ok
if type ~= 'hash' and type ~= 'none' then
  redis.call('DEL', KEYS[1])
  replaced = 1
end
redis.call('HSET', KEYS[1], ARGV[1], now .. ' ' .. ARGV[2])
redis.call('PEXPIRE', KEYS[1], 120000)
return replaced
)");
  return script;
}

// Returns what was wrong (-1: the whole key, and it is gone; otherwise fields that were passed
// over), then id, age in milliseconds and text of each node. Nothing large is read. Entries that
// are long over are removed.
const Script& SnapshotScript() {
  static const Script script(R"(
local max_nodes, max_id, max_text = 1000, 64, 4200
local type = redis.call('TYPE', KEYS[1]).ok
if type == 'none' then return {0} end
if type ~= 'hash' or redis.call('HLEN', KEYS[1]) > max_nodes then
  redis.call('DEL', KEYS[1])
  return {-1}
end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local result = {0}
for _, id in ipairs(redis.call('HKEYS', KEYS[1])) do
  local at, text
  if #id <= max_id and redis.call('HSTRLEN', KEYS[1], id) <= max_text then
    at, text = string.match(redis.call('HGET', KEYS[1], id), '^(%d+) (.*)$')
  end
  if not at or #at > 15 then
    result[1] = result[1] + 1
  elseif now - tonumber(at) > 60000 then
    redis.call('HDEL', KEYS[1], id)
  else
    table.insert(result, id)
    table.insert(result, now - tonumber(at))
    table.insert(result, text)
  end
end
return result
)");
  return script;
}

}  // namespace

struct RedisNodeRegistry::State {
  mutable absl::Mutex mutex;  // A few times a second; never on a media thread.
  NodeView view ABSL_GUARDED_BY(mutex);
  std::map<std::string, cluster::NodeRecord, std::less<>> own ABSL_GUARDED_BY(mutex);
  uint64_t sequence ABSL_GUARDED_BY(mutex) = 0;
  std::atomic<uint64_t> nonsense = 0;

  // On the client's loop.
  bool is_reading = false;
  bool nonsense_told = false;

  void CountNonsense(uint64_t count, log::Literal what) {
    nonsense += count;
    if (count > 0 && !std::exchange(nonsense_told, true)) {
      log::Write(log::Level::kWarning, "registry.nonsense",
                 {{"key", log::Literal(kKey)}, {"what", what}});
    }
  }

  void HandleSnapshot(Timestamp asked_at, absl::Time wall_now, const Reply& reply) {
    if (!reply.is_array() || reply.items.empty()) {
      CountNonsense(1, "an answer of another form");
      return;
    }
    const int64_t wrong = reply.items[0].integer;
    std::vector<NodeView::Entry> entries;
    for (size_t i = 1; i + 2 < reply.items.size(); i += 3) {
      entries.push_back({.id = reply.items[i].text,
                         .age = absl::Milliseconds(reply.items[i + 1].integer),
                         .text = reply.items[i + 2].text});
    }
    NodeView::News news;
    {
      const absl::MutexLock lock(&mutex);
      news = view.HandleSnapshot(asked_at, wall_now, entries);
    }
    CountNonsense(
        news.nonsense + static_cast<uint64_t>(wrong < 0 ? 1 : wrong),
        wrong < 0 ? kReplaced : log::Literal("entries that no node of this version writes"));
    for (const auto& [id, ahead] : news.skewed) {
      log::Write(log::Level::kWarning, "registry.clock_differs",
                 {{"nodeID", log::Public(id)},
                  {"aheadSeconds", absl::ToInt64Seconds(ahead)},
                  {"fix", "synchronise the clocks of both machines (NTP)"}});
    }
  }
};

RedisNodeRegistry::RedisNodeRegistry(RedisClient& client, const Clock& clock)
    : client_(client), clock_(clock), state_(std::make_shared<State>()) {
  RunAndWait(client_.loop(), [this] {
    timer_ = client_.loop().CreateTimer([this] {
      timer_->WakeAt(clock_.Now() + kRefreshInterval);
      if (std::exchange(state_->is_reading, true)) {
        return;  // Redis is slow; the answer or its deadline will come.
      }
      client_.Evaluate(SnapshotScript(), {kKey}, {},
                       [state = state_, &clock = clock_,
                        asked_at = clock_.Now()](const absl::StatusOr<Reply>& reply) {
                         state->is_reading = false;
                         if (reply.ok()) {
                           state->HandleSnapshot(asked_at, clock.WallNow(), *reply);
                         }
                       });
    });
    timer_->WakeAt(clock_.Now());
  });
}

RedisNodeRegistry::~RedisNodeRegistry() {
  RunAndWait(client_.loop(), [this] { timer_.reset(); });
}

void RedisNodeRegistry::Publish(cluster::NodeRecord record) {
  std::string id = record.id;
  std::string text;
  {
    const absl::MutexLock lock(&state_->mutex);
    text = EncodeNode(record, ++state_->sequence);
    state_->own[id] = std::move(record);
  }
  client_.Evaluate(PublishScript(), {kKey}, {std::move(id), std::move(text)},
                   [state = state_](const absl::StatusOr<Reply>& reply) {
                     if (reply.ok() && reply->integer == 1) {
                       state->CountNonsense(1, kReplaced);
                     }
                   });
}

void RedisNodeRegistry::Remove(std::string_view id) {
  {
    const absl::MutexLock lock(&state_->mutex);
    if (const auto found = state_->own.find(id); found != state_->own.end()) {
      state_->own.erase(found);
    }
  }
  client_.Evaluate(PublishScript(), {kKey}, {std::string(id), NodeView::kLeft},
                   [](const absl::StatusOr<Reply>&) {});
}

std::vector<cluster::NodeRecord> RedisNodeRegistry::Nodes() const {
  std::map<std::string, cluster::NodeRecord> nodes;
  {
    const absl::MutexLock lock(&state_->mutex);
    for (cluster::NodeRecord& record : state_->view.Nodes()) {
      nodes[record.id] = std::move(record);
    }
    for (const auto& [id, record] : state_->own) {
      nodes[id] = record;
    }
  }
  std::vector<cluster::NodeRecord> sorted;
  for (auto& [id, record] : nodes) {
    sorted.push_back(std::move(record));
  }
  return sorted;
}

uint64_t RedisNodeRegistry::nonsense() const { return state_->nonsense; }

}  // namespace sfu::redis
