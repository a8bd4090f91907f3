#include "tests/support/media_oracle.h"

#include <algorithm>

#include <fmt/format.h>

namespace sfu {
namespace {

// The request travels to the controller, the command to the worker, the last packet to the client.
constexpr absl::Duration kOnItsWay = absl::Milliseconds(250);

}  // namespace

std::optional<Timestamp> MediaOracle::BlockedSince(size_t client, uint32_t number) const {
  std::optional<Timestamp> since;
  const auto consider = [&](Reason reason, uint64_t what) {
    const auto found = blocked_since_.find(std::tuple(reason, client, what));
    if (found != blocked_since_.end()) {
      since = since ? std::min(*since, found->second) : found->second;
    }
  };
  consider(Reason::kUnsubscribed, number);
  consider(Reason::kDisabled, number);
  consider(Reason::kUnpublished, number);
  consider(Reason::kNotAllowed, tracks_.at(number).publisher);
  consider(Reason::kMayNotSubscribe, 0);
  return since;
}

bool MediaOracle::MayReceive(size_t client, uint32_t number) const {
  const Track& track = tracks_.at(number);
  return track.publisher != client && track.room == room_of_.at(client) &&
         !BlockedSince(client, number);
}

std::optional<std::string> MediaOracle::Judge(Timestamp now, size_t client,
                                              const MediaMark& mark) const {
  const auto track = tracks_.find(mark.track);
  if (track == tracks_.end()) {
    return fmt::format("client {} received of a track that there is not", client);
  }
  if (track->second.publisher == client) {
    return fmt::format("client {} received its own track {}", client, mark.track);
  }
  if (track->second.room != room_of_.at(client)) {
    return fmt::format("client {} received track {} of another room", client, mark.track);
  }
  std::optional<Timestamp> since = BlockedSince(client, mark.track);
  for (const size_t excused : {client, track->second.publisher}) {
    if (const auto until = excused_until_.find(excused); since && until != excused_until_.end()) {
      since = std::max(*since, until->second);
    }
  }
  if (since && now - *since > kOnItsWay) {
    return fmt::format("client {} received track {} {} ms after it was to end", client, mark.track,
                       absl::ToInt64Milliseconds(now - *since));
  }
  return std::nullopt;
}

}  // namespace sfu
