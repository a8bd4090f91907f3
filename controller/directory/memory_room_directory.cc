#include "controller/directory/memory_room_directory.h"

#include <algorithm>

namespace sfu::directory {

void MemoryRoomDirectory::Claim(std::string_view room, RoomLocation location, Answer answer) {
  RoomLocation owner;
  {
    const absl::MutexLock lock(&mutex_);
    const auto found = rooms_.find(room);
    if (found == rooms_.end()) {
      location.epoch = location.epoch == 0 ? released_epoch_ + 1 : location.epoch;
      owner = rooms_.emplace(room, std::move(location)).first->second;
    } else {
      RoomLocation& entry = found->second;
      if (location.epoch == 0) {
        location.epoch = entry.epoch + (location.worker_id == entry.worker_id ? 0 : 1);
      }
      if (entry.controller_id == location.controller_id && location.epoch >= entry.epoch) {
        entry = std::move(location);
      }
      owner = entry;
    }
  }
  answer(std::move(owner));
}

void MemoryRoomDirectory::TakeOver(std::string_view room, RoomLocation from, RoomLocation location,
                                   Answer answer) {
  location.epoch = std::max(location.epoch, from.epoch + 1);
  RoomLocation owner;
  {
    const absl::MutexLock lock(&mutex_);
    const auto [found, lost] = rooms_.try_emplace(std::string(room), location);
    RoomLocation& entry = found->second;
    if (!lost && entry.controller_id == from.controller_id && entry.epoch == from.epoch) {
      entry = std::move(location);
    }
    owner = entry;
  }
  answer(std::move(owner));
}

void MemoryRoomDirectory::Renew(std::vector<std::pair<std::string, RoomLocation>> rooms,
                                Conflict conflict) {
  std::vector<std::pair<std::string, RoomLocation>> lost;
  {
    const absl::MutexLock lock(&mutex_);
    for (auto& [name, location] : rooms) {
      const auto [found, inserted] = rooms_.try_emplace(name, location);
      RoomLocation& entry = found->second;
      if (entry.controller_id != location.controller_id && entry.epoch >= location.epoch) {
        lost.emplace_back(std::move(name), entry);
      } else if (location.epoch >= entry.epoch) {
        entry = std::move(location);
      }
    }
  }
  for (const auto& [name, owner] : lost) {
    conflict(name, owner);
  }
}

void MemoryRoomDirectory::Release(std::string_view room, std::string_view controller_id) {
  const absl::MutexLock lock(&mutex_);
  const auto found = rooms_.find(room);
  if (found != rooms_.end() && found->second.controller_id == controller_id) {
    released_epoch_ = std::max(released_epoch_, found->second.epoch);
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
