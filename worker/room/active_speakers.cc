#include "worker/room/active_speakers.h"

#include <algorithm>
#include <cmath>

namespace sfu::mediaroom {
namespace {

constexpr double kLevelSteps = 8;

float Quantize(double level) {
  return static_cast<float>(std::ceil(std::min(level, 1.0) * kLevelSteps) / kLevelSteps);
}

}  // namespace

std::vector<Speaker> ActiveSpeakers::Update(const std::map<ParticipantHandle, double>& levels) {
  std::map<ParticipantHandle, float> speaking;
  for (const auto& [participant, level] : levels) {
    if (level > 0) {
      speaking.emplace(participant, Quantize(level));
    }
  }
  std::vector<Speaker> changes;
  for (const auto& [participant, level] : speaking) {
    const auto before = speaking_.find(participant);
    if (before == speaking_.end() || before->second != level) {
      changes.push_back({participant, level, true});
    }
  }
  for (const auto& [participant, level] : speaking_) {
    if (!speaking.contains(participant)) {
      changes.push_back({participant, 0, false});
    }
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Speaker& a, const Speaker& b) { return a.level > b.level; });
  speaking_ = std::move(speaking);
  return changes;
}

}  // namespace sfu::mediaroom
