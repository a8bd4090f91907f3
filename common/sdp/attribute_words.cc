#include "common/sdp/attribute_words.h"

#include <initializer_list>

namespace sfu::sdp {
namespace {

template <typename Value>
std::optional<Value> Find(std::string_view word, std::initializer_list<Value> values) {
  for (const Value value : values) {
    if (WordOf(value) == word) {
      return value;
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view WordOf(Direction direction) {
  switch (direction) {
    case Direction::kInactive:
      return "inactive";
    case Direction::kSendOnly:
      return "sendonly";
    case Direction::kRecvOnly:
      return "recvonly";
    case Direction::kSendRecv:
      break;
  }
  return "sendrecv";
}

std::optional<Direction> ParseDirection(std::string_view word) {
  return Find(word, {Direction::kSendRecv, Direction::kSendOnly, Direction::kRecvOnly,
                     Direction::kInactive});
}

std::string_view WordOf(Setup setup) {
  switch (setup) {
    case Setup::kActPass:
      return "actpass";
    case Setup::kActive:
      return "active";
    case Setup::kPassive:
      return "passive";
    case Setup::kHoldConn:
      break;
  }
  return "holdconn";
}

std::optional<Setup> ParseSetup(std::string_view word) {
  return Find(word, {Setup::kActPass, Setup::kActive, Setup::kPassive, Setup::kHoldConn});
}

}  // namespace sfu::sdp
