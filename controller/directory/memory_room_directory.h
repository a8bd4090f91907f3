#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>

#include "controller/directory/room_directory.h"

namespace sfu::directory {

// The directory of a cluster with one controller, and of tests. Answers before the call returns.
// Loses nothing and forgets nobody: leases do not end.
class MemoryRoomDirectory : public RoomDirectory {
 public:
  void Claim(std::string_view room, RoomLocation location, Answer answer) override;
  void TakeOver(std::string_view room, RoomLocation from, RoomLocation location,
                Answer answer) override;
  void Renew(std::vector<std::pair<std::string, RoomLocation>> rooms, Conflict conflict) override;
  void Release(std::string_view room, std::string_view controller_id) override;
  void Find(std::string_view room, Answer answer) override;

 private:
  absl::Mutex mutex_;  // Taken when rooms come and go, never per message.
  std::map<std::string, RoomLocation, std::less<>> rooms_ ABSL_GUARDED_BY(mutex_);
  // The highest of all released rooms: one number instead of a history of names.
  uint64_t released_epoch_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace sfu::directory
