#include "controller/directory/memory_room_directory.h"

#include <utility>

namespace sfu::directory {

void MemoryRoomDirectory::Claim(std::string_view room, RoomLocation location, Answer answer) {
  RoomLocation owner;
  {
    const absl::MutexLock lock(&mutex_);
    const auto [entry, inserted] = rooms_.try_emplace(std::string(room), location);
    if (!inserted && entry->second.controller_id == location.controller_id) {
      entry->second = std::move(location);
    }
    owner = entry->second;
  }
  answer(std::move(owner));
}

void MemoryRoomDirectory::Release(std::string_view room, std::string_view controller_id) {
  const absl::MutexLock lock(&mutex_);
  const auto found = rooms_.find(room);
  if (found != rooms_.end() && found->second.controller_id == controller_id) {
    rooms_.erase(found);
  }
}

void MemoryRoomDirectory::Find(std::string_view room, Answer answer) {
  absl::StatusOr<RoomLocation> location = absl::NotFoundError("requested room does not exist");
  {
    const absl::MutexLock lock(&mutex_);
    if (const auto found = rooms_.find(room); found != rooms_.end()) {
      location = found->second;
    }
  }
  answer(std::move(location));
}

}  // namespace sfu::directory
