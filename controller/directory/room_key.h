#pragma once

#include <map>
#include <string>
#include <string_view>

namespace sfu::directory {

// Makes the names that rooms go by in a shared store, so that nobody who can read the store, or a
// copy of it, learns what the rooms are called: HMAC-SHA256 under a key that only holders of the
// cluster's API secrets can derive. All controllers must be given the same API keys.
class RoomKeyMaker {
 public:
  using ApiKeys = std::map<std::string, std::string, std::less<>>;  // Key -> secret.

  explicit RoomKeyMaker(const ApiKeys& api_keys);

  // "sfu:room:" and 43 characters. Equal for equal names only.
  std::string KeyOf(std::string_view room) const;

 private:
  std::string secret_;
};

}  // namespace sfu::directory
