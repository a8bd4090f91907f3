#pragma once

#include <map>
#include <vector>

#include "worker/room/handles.h"

namespace sfu::mediaroom {

// One participant's loudness as told to clients.
struct Speaker {
  ParticipantHandle participant;
  float level = 0;  // Linear, 0 to 1, in steps of 1/8 [AUD-3].
  bool active = false;

  friend bool operator==(const Speaker&, const Speaker&) = default;
};

// Turns the levels of all microphones, taken once per interval, into what changed since the last
// time [AUD-3]. Pure state; lives on its room's media thread.
class ActiveSpeakers {
 public:
  // `levels` has one entry per participant with a live microphone: the linear level of its loudest
  // track, 0 when silent. Returns the entries that changed, loudest first; a participant that fell
  // silent or is missing from `levels` comes back once, inactive and with level 0.
  std::vector<Speaker> Update(const std::map<ParticipantHandle, double>& levels);

 private:
  std::map<ParticipantHandle, float> speaking_;  // As last told; only active ones.
};

}  // namespace sfu::mediaroom
