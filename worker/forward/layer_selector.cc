#include "worker/forward/layer_selector.h"

namespace sfu::forward {

void LayerSelector::SwitchTo(const rtp::MediaPacket& packet) {
  encodings_.SwitchTo(packet);
  Choose(packet);
}

void LayerSelector::Choose(const rtp::MediaPacket& packet) {
  if (packet.description.dependency) {
    frames_.emplace<DependencySelector>();
  } else if (packet.description.vp9() != nullptr) {
    frames_.emplace<Vp9Selector>();
  } else {
    frames_.emplace<TemporalSelector>();
  }
  ApplyTarget();
  std::visit([&](auto& frames) { frames.Start(packet); }, frames_);
}

bool LayerSelector::IsSuited(const rtp::MediaPacket& packet) const {
  if (packet.description.dependency) {
    return std::holds_alternative<DependencySelector>(frames_);
  }
  return std::holds_alternative<Vp9Selector>(frames_) == (packet.description.vp9() != nullptr) &&
         !std::holds_alternative<DependencySelector>(frames_);
}

FrameDecision LayerSelector::Decide(const rtp::MediaPacket& packet) {
  if (packet.description.key_frame_start && !IsSuited(packet)) {
    Choose(packet);  // The encoder describes its frames in another way from here on.
  }
  return std::visit([&](auto& frames) { return frames.Decide(packet); }, frames_);
}

void LayerSelector::SetTarget(uint8_t max_spatial, uint8_t max_temporal, bool single_encoding) {
  constexpr uint8_t kEverything = 7;
  encodings_.SetTarget(single_encoding ? 0 : max_spatial);
  max_spatial_ = single_encoding ? max_spatial : kEverything;
  max_temporal_ = max_temporal;
  ApplyTarget();
}

void LayerSelector::ApplyTarget() {
  if (auto* const temporal = std::get_if<TemporalSelector>(&frames_)) {
    temporal->SetTarget(max_temporal_);
  } else if (auto* const vp9 = std::get_if<Vp9Selector>(&frames_)) {
    vp9->SetTarget(max_spatial_, max_temporal_);
  } else if (auto* const dependency = std::get_if<DependencySelector>(&frames_)) {
    dependency->SetTarget(max_spatial_, max_temporal_);
  }
}

bool LayerSelector::NeedsKeyframe() const {
  return std::visit([](const auto& frames) { return frames.NeedsKeyframe(); }, frames_);
}

uint8_t LayerSelector::current_spatial() const {
  return std::visit([](const auto& frames) { return frames.current_spatial(); }, frames_);
}

}  // namespace sfu::forward
