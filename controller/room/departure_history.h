#pragma once

#include <cstddef>
#include <deque>
#include <utility>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "proto/livekit/models.pb.h"

namespace sfu::room {

// Who has left lately: for clients that had no working signal connection when it was told
// (signaling contract, section 7.3).
class DepartureHistory {
 public:
  // Clients give up coming back long before.
  static constexpr absl::Duration kMemory = absl::Minutes(10);
  static constexpr size_t kMaxEntries = 1000;

  // `info` is DISCONNECTED. What is remembered of it names and dates the departure, no more.
  void Add(Timestamp now, const livekit::ParticipantInfo& info);

  std::vector<livekit::ParticipantInfo> Since(Timestamp then) const;

 private:
  std::deque<std::pair<Timestamp, livekit::ParticipantInfo>> departures_;  // Oldest first.
};

}  // namespace sfu::room
