#include "controller/directory/redis_room_directory.h"

#include <algorithm>
#include <atomic>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>

#include "common/log/log.h"
#include "controller/directory/room_scripts.h"

namespace sfu::directory {
namespace {

using redis::Reply;

constexpr char kAway[] = "the room directory is away";

std::string Millis(absl::Duration duration) {
  return std::to_string(absl::ToInt64Milliseconds(duration));
}

// What an entry can hold. Worker ids come from workers.
bool IsStorable(const RoomLocation& location) {
  const auto is_id = [](const std::string& id) {
    return id.size() <= 128 &&
           std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
  };
  return !location.controller_id.empty() && is_id(location.controller_id) &&
         is_id(location.worker_id) && location.epoch <= kMaxEpoch;
}

}  // namespace

struct RedisRoomDirectory::State {
  absl::Mutex mutex;  // Taken when rooms come and go, never per message.
  // Since when a room is held, as far as its owners here have said. Ends with the next renewal
  // that does not name the room.
  std::map<std::string, Timestamp, std::less<>> held_since ABSL_GUARDED_BY(mutex);
  std::atomic<uint64_t> nonsense = 0;

  absl::Duration HeldFor(std::string_view room, Timestamp now) {
    const absl::MutexLock lock(&mutex);
    return now - held_since.try_emplace(std::string(room), now).first->second;
  }
  void Forget(std::string_view room) {
    const absl::MutexLock lock(&mutex);
    if (const auto found = held_since.find(room); found != held_since.end()) {
      held_since.erase(found);
    }
  }

  // The answer's items, or null when it is none of ours.
  const std::vector<Reply>* ItemsOf(const absl::StatusOr<Reply>& reply) {
    if (!reply.ok() || !reply->is_array() || reply->items.empty()) {
      return nullptr;
    }
    const int64_t count = reply->items[0].integer;
    if (count > 0 && nonsense.fetch_add(static_cast<uint64_t>(count)) == 0) {
      log::Write(log::Level::kWarning, "directory.nonsense",
                 {{"keys", "sfu:room:*"},
                  {"what", "values that no controller of this version writes; overwritten"}});
    }
    return &reply->items;
  }

  // At `first`: controller, worker and epoch.
  static RoomLocation LocationAt(const std::vector<Reply>& items, size_t first) {
    return {.controller_id = items[first].text,
            .worker_id = items[first + 1].text,
            .epoch = static_cast<uint64_t>(items[first + 2].integer)};
  }
};

RedisRoomDirectory::RedisRoomDirectory(redis::RedisClient& client, const Clock& clock,
                                       RoomKeyMaker keys, absl::Duration lease)
    : client_(client),
      clock_(clock),
      keys_(std::move(keys)),
      lease_(lease),
      state_(std::make_shared<State>()) {}

std::vector<std::string> RedisRoomDirectory::Arguments() const {
  return {Millis(lease_), Millis(kEpochMemory)};
}

void RedisRoomDirectory::Claim(std::string_view room, RoomLocation location, Answer answer) {
  if (!IsStorable(location)) {
    answer(absl::InvalidArgumentError("a location that no directory can hold"));
    return;
  }
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(),
                   {location.controller_id, location.worker_id, std::to_string(location.epoch),
                    Millis(state_->HeldFor(room, clock_.Now()))});
  Ask(ClaimScript(), room, arguments, std::move(location.controller_id), std::move(answer));
}

void RedisRoomDirectory::TakeOver(std::string_view room, RoomLocation from, RoomLocation location,
                                  Answer answer) {
  if (!IsStorable(location) || !IsStorable(from)) {
    answer(absl::InvalidArgumentError("a location that no directory can hold"));
    return;
  }
  std::vector<std::string> arguments = Arguments();
  arguments.insert(arguments.end(),
                   {location.controller_id, location.worker_id, std::to_string(location.epoch),
                    Millis(state_->HeldFor(room, clock_.Now())), from.controller_id,
                    std::to_string(from.epoch)});
  Ask(TakeOverScript(), room, arguments, std::move(location.controller_id), std::move(answer));
}

// `claimant` forgets the room if it turns out to be somebody else's.
void RedisRoomDirectory::Ask(const redis::Script& script, std::string_view room,
                             const std::vector<std::string>& arguments, std::string claimant,
                             Answer answer) {
  client_.Evaluate(script, {keys_.KeyOf(room)}, arguments,
                   [state = state_, room = std::string(room), claimant = std::move(claimant),
                    answer = std::move(answer)](const absl::StatusOr<Reply>& reply) {
                     const std::vector<Reply>* items = state->ItemsOf(reply);
                     if (items == nullptr) {
                       answer(absl::UnavailableError(kAway));
                       return;
                     }
                     if (items->size() != 4) {
                       answer(absl::NotFoundError("requested room does not exist"));
                       return;
                     }
                     RoomLocation owner = State::LocationAt(*items, 1);
                     if (!claimant.empty() && owner.controller_id != claimant) {
                       state->Forget(room);
                     }
                     answer(std::move(owner));
                   });
}

void RedisRoomDirectory::Renew(std::vector<std::pair<std::string, RoomLocation>> rooms,
                               Conflict conflict) {
  const Timestamp now = clock_.Now();
  {
    std::map<std::string, Timestamp, std::less<>> held_since;
    const absl::MutexLock lock(&state_->mutex);
    for (const auto& [room, location] : rooms) {
      const auto known = state_->held_since.find(room);
      held_since.emplace(room, known == state_->held_since.end() ? now : known->second);
    }
    state_->held_since = std::move(held_since);
  }
  const auto shared_conflict = std::make_shared<const Conflict>(std::move(conflict));
  for (size_t first = 0; first < rooms.size(); first += kRenewalBatch) {
    const size_t end = std::min(rooms.size(), first + kRenewalBatch);
    RenewBatch({std::make_move_iterator(rooms.begin() + static_cast<ptrdiff_t>(first)),
                std::make_move_iterator(rooms.begin() + static_cast<ptrdiff_t>(end))},
               now, shared_conflict);
  }
}

void RedisRoomDirectory::RenewBatch(std::vector<std::pair<std::string, RoomLocation>> rooms,
                                    Timestamp now,
                                    const std::shared_ptr<const Conflict>& conflict) {
  std::vector<std::string> keys;
  std::vector<std::string> names;
  std::vector<std::string> arguments = Arguments();
  arguments.push_back(rooms.front().second.controller_id);
  for (auto& [room, location] : rooms) {
    if (!IsStorable(location) || location.controller_id != arguments[2]) {
      continue;
    }
    keys.push_back(keys_.KeyOf(room));
    arguments.push_back(location.worker_id);
    arguments.push_back(std::to_string(location.epoch));
    arguments.push_back(Millis(state_->HeldFor(room, now)));
    names.push_back(std::move(room));
  }
  if (names.empty()) {
    return;
  }
  client_.Evaluate(
      RenewScript(), keys, arguments,
      [state = state_, names = std::move(names), conflict](const absl::StatusOr<Reply>& reply) {
        const std::vector<Reply>* items = state->ItemsOf(reply);
        for (size_t i = 1; items != nullptr && i + 3 < items->size(); i += 4) {
          const size_t index = static_cast<size_t>((*items)[i].integer) - 1;
          if (index < names.size()) {
            state->Forget(names[index]);
            (*conflict)(names[index], State::LocationAt(*items, i + 1));
          }
        }
      });
}

void RedisRoomDirectory::Release(std::string_view room, std::string_view controller_id) {
  state_->Forget(room);
  std::vector<std::string> arguments = Arguments();
  arguments.emplace_back(controller_id);
  client_.Evaluate(ReleaseScript(), {keys_.KeyOf(room)}, arguments,
                   [state = state_](const absl::StatusOr<Reply>& reply) { state->ItemsOf(reply); });
}

void RedisRoomDirectory::Find(std::string_view room, Answer answer) {
  Ask(FindScript(), room, Arguments(), "", std::move(answer));
}

uint64_t RedisRoomDirectory::nonsense() const { return state_->nonsense; }

}  // namespace sfu::directory
