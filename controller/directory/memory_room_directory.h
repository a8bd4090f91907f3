#pragma once

#include <map>
#include <string>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>

#include "controller/directory/room_directory.h"

namespace sfu::directory {

// The directory of a cluster with one controller. Answers before the call returns.
class MemoryRoomDirectory : public RoomDirectory {
 public:
  void Claim(std::string_view room, RoomLocation location, Answer answer) override;
  void Release(std::string_view room, std::string_view controller_id) override;
  void Find(std::string_view room, Answer answer) override;

 private:
  absl::Mutex mutex_;  // Taken when rooms come and go, never per message.
  std::map<std::string, RoomLocation, std::less<>> rooms_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace sfu::directory
