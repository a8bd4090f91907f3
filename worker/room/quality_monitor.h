#pragma once

#include <map>
#include <vector>

#include "worker/room/handles.h"
#include "worker/room/room_event.h"

namespace sfu::mediaroom {

// Remembers what was said of each participant's link, so that only changes are told [CQ-4]. Pure
// state; lives on its room's media thread.
class QualityMonitor {
 public:
  // `scores` has the lowest score of each participant's streams, both directions. Returns those
  // whose rating differs from what was last told; the first rating of a participant always does.
  std::vector<ParticipantQuality> Update(const std::map<ParticipantHandle, double>& scores);

 private:
  std::map<ParticipantHandle, Quality> told_;
};

}  // namespace sfu::mediaroom
