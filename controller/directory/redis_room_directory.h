#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/redis/redis_client.h"
#include "common/time/clock.h"
#include "controller/directory/room_directory.h"
#include "controller/directory/room_key.h"

namespace sfu::directory {

// The directory that controllers share through Redis, which may lose or evict any of it at any
// time: owners put it back by renewing. Room names are not in Redis, only what RoomKeyMaker makes
// of them. Answers come on the client's loop; Unavailable within the client's command timeout.
class RedisRoomDirectory : public RoomDirectory {
 public:
  // For this long a room that is no more keeps its epoch.
  static constexpr absl::Duration kEpochMemory = absl::Minutes(10);
  // Rooms per step of a renewal: Redis serves nobody else meanwhile.
  static constexpr size_t kRenewalBatch = 100;

  // `client` and `clock` must outlive the directory. The leases are for tests to shorten.
  RedisRoomDirectory(redis::RedisClient& client, const Clock& clock, RoomKeyMaker keys,
                     absl::Duration lease = kRoomLease);

  void Claim(std::string_view room, RoomLocation location, Answer answer) override;
  void TakeOver(std::string_view room, RoomLocation from, RoomLocation location,
                Answer answer) override;
  void Renew(std::vector<std::pair<std::string, RoomLocation>> rooms, Conflict conflict) override;
  void Release(std::string_view room, std::string_view controller_id) override;
  void Find(std::string_view room, Answer answer) override;

  // Entries that no directory of ours can have written.
  uint64_t nonsense() const;

 private:
  struct State;

  std::vector<std::string> Arguments() const;  // The ones that all scripts take.
  void Ask(const redis::Script& script, std::string_view room,
           const std::vector<std::string>& arguments, std::string claimant, Answer answer);
  void RenewBatch(std::vector<std::pair<std::string, RoomLocation>> rooms, Timestamp now,
                  const std::shared_ptr<const Conflict>& conflict);

  redis::RedisClient& client_;
  const Clock& clock_;
  const RoomKeyMaker keys_;
  const absl::Duration lease_;
  const std::shared_ptr<State> state_;  // Shared with commands under way.
};

}  // namespace sfu::directory
