#include "worker/room/quality_monitor.h"

#include <utility>

namespace sfu::mediaroom {

std::vector<ParticipantQuality> QualityMonitor::Update(
    const std::map<ParticipantHandle, double>& scores) {
  std::vector<ParticipantQuality> changes;
  std::map<ParticipantHandle, Quality> told;
  for (const auto& [participant, score] : scores) {
    const Quality quality = QualityScore::RatingOf(score);
    const auto before = told_.find(participant);
    if (before == told_.end() || before->second != quality) {
      changes.push_back({participant, QualityScore::MeanOpinionScore(score), quality});
    }
    told.emplace(participant, quality);
  }
  told_ = std::move(told);
  return changes;
}

}  // namespace sfu::mediaroom
