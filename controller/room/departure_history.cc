#include "controller/room/departure_history.h"

namespace sfu::room {

void DepartureHistory::Add(Timestamp now, const livekit::ParticipantInfo& info) {
  while (!departures_.empty() &&
         (departures_.size() >= kMaxEntries || now - departures_.front().first > kMemory)) {
    departures_.pop_front();
  }
  livekit::ParticipantInfo& kept = departures_.emplace_back(now, info).second;
  kept.clear_tracks();
  kept.clear_data_tracks();
  kept.clear_metadata();
  kept.clear_attributes();
}

std::vector<livekit::ParticipantInfo> DepartureHistory::Since(Timestamp then) const {
  std::vector<livekit::ParticipantInfo> infos;
  for (const auto& [at, info] : departures_) {
    if (at >= then) {
      infos.push_back(info);
    }
  }
  return infos;
}

}  // namespace sfu::room
