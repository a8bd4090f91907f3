#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <absl/status/statusor.h>

namespace sfu::directory {

// Where a room lives: the controller that decides for it and the worker that carries its media.
struct RoomLocation {
  std::string controller_id;
  std::string worker_id;
};

// The one place where a cluster agrees on who owns which room. Thread-safe. Answers may come on
// any thread, also before the call returns.
class RoomDirectory {
 public:
  using Answer = std::function<void(absl::StatusOr<RoomLocation>)>;

  virtual ~RoomDirectory() = default;

  // Takes the room for `location.controller_id` unless somebody else has it. Answers with who has
  // it then; a claim by its owner updates the worker. Unavailable when the directory cannot tell.
  virtual void Claim(std::string_view room, RoomLocation location, Answer answer) = 0;

  // Nothing happens unless that controller owns it.
  virtual void Release(std::string_view room, std::string_view controller_id) = 0;

  // NotFound when nobody owns it.
  virtual void Find(std::string_view room, Answer answer) = 0;
};

}  // namespace sfu::directory
