#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/time/time.h>

namespace sfu::directory {

// Where a room lives: the controller that decides for it and the worker that carries its media.
struct RoomLocation {
  std::string controller_id;
  std::string worker_id;
  // Rises with every change of owner or worker. The worker obeys the highest it has seen, so that
  // a controller that lost the room without noticing cannot disturb it.
  uint64_t epoch = 0;

  friend bool operator==(const RoomLocation&, const RoomLocation&) = default;
};

// The one place where a cluster agrees on who owns which room. Thread-safe; no call waits. Answers
// may come on any thread, also before the call returns; Unavailable when the directory cannot tell
// now. Owning is a lease: an owner that stops renewing loses the room after kRoomLease.
class RoomDirectory {
 public:
  using Answer = std::function<void(absl::StatusOr<RoomLocation>)>;
  using Conflict = std::function<void(const std::string& room, const RoomLocation& owner)>;

  virtual ~RoomDirectory() = default;

  // Takes the room for `location.controller_id` unless somebody else has it; the owner's own claim
  // replaces its entry, unless that has a higher epoch already. Answers with who has it then. In a
  // first claim epoch 0 lets the directory choose: 1, or more than the last owner's that it
  // remembers. In the owner's own claim epoch 0 means: one more if the worker is another.
  virtual void Claim(std::string_view room, RoomLocation location, Answer answer) = 0;

  // As Claim(), but from `from`, whose controller is gone: the entry must still have exactly that
  // controller and epoch, or be lost. The new epoch is above `from.epoch`, and no less than
  // `location.epoch`. Answers with who has it then; when that is not the caller, somebody else was
  // faster.
  virtual void TakeOver(std::string_view room, RoomLocation from, RoomLocation location,
                        Answer answer) = 0;

  // An owner's whole list, every kRoomRenewal: renews the leases and puts back what the directory
  // lost. `conflict` is called for each room that somebody else holds by the better right, the
  // higher epoch: the caller has lost that room. Not called when all is well or nobody can tell.
  virtual void Renew(std::vector<std::pair<std::string, RoomLocation>> rooms,
                     Conflict conflict) = 0;

  // Nothing happens unless that controller owns it.
  virtual void Release(std::string_view room, std::string_view controller_id) = 0;

  // NotFound when nobody owns it.
  virtual void Find(std::string_view room, Answer answer) = 0;
};

inline constexpr absl::Duration kRoomLease = absl::Seconds(30);
inline constexpr absl::Duration kRoomRenewal = absl::Seconds(10);

}  // namespace sfu::directory
