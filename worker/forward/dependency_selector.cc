#include "worker/forward/dependency_selector.h"

#include <algorithm>

namespace sfu::forward {
namespace {

constexpr int kMaxUndescribed = 16;  // Packets.

}  // namespace

using rtp::DecodeTargetIndication;

void DependencySelector::Start(const rtp::MediaPacket& packet) {
  current_.reset();
  chain_intact_.fill(false);
  remembered_.fill(Remembered());
  frames_ = SequenceUnwrapper<uint16_t>();
  if (packet.description.dependency) {
    first_frame_ = frames_.Unwrap(packet.description.dependency->frame_number);
    newest_frame_ = first_frame_;
  }
}

void DependencySelector::SetTarget(uint8_t max_spatial, uint8_t max_temporal) {
  max_spatial_ = max_spatial;
  max_temporal_ = max_temporal;
}

FrameDecision DependencySelector::Decide(const rtp::MediaPacket& packet) {
  FrameDecision decision;
  const std::optional<rtp::DependencyDescriptor>& descriptor = packet.description.dependency;
  if (!descriptor) {
    // Nothing is known about it; what needs it will say so. But an encoder may also have stopped
    // describing its frames.
    if (++undescribed_ >= kMaxUndescribed) {
      current_.reset();
    }
    return decision;
  }
  undescribed_ = 0;
  const int64_t frame = frames_.PeekUnwrap(descriptor->frame_number);
  if (frame < first_frame_ || newest_frame_ - frame >= static_cast<int64_t>(kRemembered)) {
    return decision;
  }
  newest_frame_ = std::max(newest_frame_, frame);
  frames_.Unwrap(static_cast<uint16_t>(newest_frame_));
  Remembered& remembered = remembered_[static_cast<size_t>(frame) % kRemembered];
  if (remembered.frame != frame) {
    if (descriptor->has_structure) {
      const std::optional<rtp::DependencyStructure> structure =
          rtp::ReadDependencyStructure(packet.extension(packet.extensions.dependency_descriptor));
      if (structure) {
        TakeStructure(*structure);
      }
      if (packet.description.key_frame_start) {
        first_frame_ = frame;  // What is older was numbered by the former structure [RX-51].
      }
    }
    remembered = DecideFrame(frame, *descriptor);
  }
  decision.forward = remembered.fate == Fate::kForwarded;
  decision.marker = packet.marker || (descriptor->end_of_frame && remembered.ends_picture);
  decision.decode_targets = TargetMask();
  return decision;
}

void DependencySelector::TakeStructure(const rtp::DependencyStructure& structure) {
  targets_ = structure.decode_targets;
  target_count_ = structure.decode_target_count;
  chain_count_ = structure.chain_count;
  active_targets_ = structure.all_decode_targets();
  chain_intact_.fill(false);
  current_.reset();
}

DependencySelector::Remembered DependencySelector::DecideFrame(
    int64_t frame, const rtp::DependencyDescriptor& descriptor) {
  if (descriptor.active_decode_targets) {
    active_targets_ = *descriptor.active_decode_targets;
  }
  FollowChains(frame, descriptor);
  PickTarget(descriptor);

  Remembered decided = {frame, Fate::kLeftOut, false};
  if (!current_ || *current_ >= descriptor.decode_target_count) {
    return decided;
  }
  const rtp::FrameDependencies& dependencies = descriptor.dependencies;
  if (dependencies.indication(*current_) != DecodeTargetIndication::kNotPresent &&
      DependenciesSent(frame, dependencies)) {
    decided.fate = Fate::kForwarded;
    decided.ends_picture = dependencies.spatial_id == targets_[*current_].spatial_id;
  }
  return decided;
}

void DependencySelector::FollowChains(int64_t frame, const rtp::DependencyDescriptor& descriptor) {
  const size_t count = std::min<size_t>(chain_count_, descriptor.chain_count);
  for (size_t chain = 0; chain < count; ++chain) {
    const uint8_t difference = descriptor.dependencies.chain_differences[chain];
    if (difference == 0) {
      chain_intact_[chain] = true;
      continue;
    }
    switch (FateOf(frame - difference)) {
      case Fate::kForwarded:
        chain_intact_[chain] = true;
        break;
      case Fate::kLeftOut:
        chain_intact_[chain] = false;
        break;
      case Fate::kUnknown:
        break;  // Expected to come yet; what was true before it still is.
    }
  }
}

void DependencySelector::PickTarget(const rtp::DependencyDescriptor& descriptor) {
  const bool key = descriptor.has_structure;
  if (current_ && !IsUsable(*current_)) {
    current_.reset();
  }
  std::optional<uint8_t> best;
  std::optional<uint8_t> wanted;  // Best of all within the limits, usable or not.
  for (uint8_t target = 0; target < target_count_; ++target) {
    if (!WithinLimits(target) || (active_targets_ >> target & 1) == 0) {
      continue;
    }
    if (!wanted || IsBetter(target, *wanted)) {
      wanted = target;
    }
    // It may be entered where the encoder says so, or going down within what is being sent.
    const bool may_enter =
        key || target == current_ ||
        descriptor.dependencies.indication(target) == DecodeTargetIndication::kSwitch ||
        (current_ && targets_[target].spatial_id == targets_[*current_].spatial_id &&
         !IsBetter(target, *current_));
    if (IsUsable(target) && may_enter && (!best || IsBetter(target, *best))) {
      best = target;
    }
  }
  if (best) {
    current_ = best;  // Otherwise what is being sent goes on, though more than was asked for.
  }
  // A temporal layer can be entered soon enough; another spatial one mostly needs a key frame.
  other_spatial_wanted_ =
      wanted && current_ && targets_[*wanted].spatial_id != targets_[*current_].spatial_id;
}

bool DependencySelector::DependenciesSent(int64_t frame,
                                          const rtp::FrameDependencies& dependencies) const {
  for (size_t i = 0; i < dependencies.frame_difference_count; ++i) {
    if (FateOf(frame - dependencies.frame_differences[i]) == Fate::kLeftOut) {
      return false;
    }
  }
  return true;
}

bool DependencySelector::WithinLimits(size_t target) const {
  return targets_[target].spatial_id <= max_spatial_ &&
         targets_[target].temporal_id <= max_temporal_;
}

bool DependencySelector::IsUsable(size_t target) const {
  return chain_count_ == 0 || (targets_[target].protecting_chain < chain_count_ &&
                               chain_intact_[targets_[target].protecting_chain]);
}

bool DependencySelector::IsBetter(size_t target, size_t than) const {
  const auto& a = targets_[target];
  const auto& b = targets_[than];
  return a.spatial_id != b.spatial_id ? a.spatial_id > b.spatial_id : a.temporal_id > b.temporal_id;
}

DependencySelector::Fate DependencySelector::FateOf(int64_t frame) const {
  if (frame < first_frame_) {
    return Fate::kLeftOut;
  }
  const Remembered& remembered = remembered_[static_cast<size_t>(frame) % kRemembered];
  return remembered.frame == frame ? remembered.fate : Fate::kUnknown;
}

uint32_t DependencySelector::TargetMask() const {
  if (!current_) {
    return 0;
  }
  uint32_t mask = 0;
  for (uint8_t target = 0; target < target_count_; ++target) {
    if (targets_[target].spatial_id <= targets_[*current_].spatial_id &&
        targets_[target].temporal_id <= targets_[*current_].temporal_id) {
      mask |= uint32_t{1} << target;
    }
  }
  // With everything included there is nothing to tell.
  const auto all = static_cast<uint32_t>((uint64_t{1} << target_count_) - 1);
  return mask == all ? 0 : mask & active_targets_;
}

bool DependencySelector::NeedsKeyframe() const { return !current_ || other_spatial_wanted_; }

uint8_t DependencySelector::current_spatial() const {
  return current_ ? targets_[*current_].spatial_id : 0;
}

}  // namespace sfu::forward
