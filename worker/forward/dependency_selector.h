#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "common/base/sequence_unwrapper.h"
#include "worker/forward/frame_decision.h"
#include "worker/rtp/dependency_descriptor.h"
#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// Selects frames by their dependency descriptors (AV1 RTP specification, A.8), whatever the codec
// [TX-35]. Picks the best decode target within the limits that can be decoded, and sends what that
// target needs.
//
// A frame that was left out makes everything depending on it undecodable; a frame that has not come
// is expected to come yet, by retransmission. A target is usable while its chain is unbroken, and
// may be joined where the encoder marks a switch or a chain starts.
class DependencySelector {
 public:
  static constexpr size_t kRemembered = 256;  // Frames.

  // `packet` starts a key frame and carries the structure.
  void Start(const rtp::MediaPacket& packet);
  void SetTarget(uint8_t max_spatial, uint8_t max_temporal);
  FrameDecision Decide(const rtp::MediaPacket& packet);

  // Nothing can be decoded any more, or better only after a key frame.
  bool NeedsKeyframe() const;
  uint8_t current_spatial() const;

 private:
  enum class Fate : uint8_t { kUnknown, kForwarded, kLeftOut };
  struct Remembered {
    int64_t frame = -1;
    Fate fate = Fate::kUnknown;
    bool ends_picture = false;  // Its end is the last thing sent of the picture.
  };

  void TakeStructure(const rtp::DependencyStructure& structure);
  Remembered DecideFrame(int64_t frame, const rtp::DependencyDescriptor& descriptor);
  void FollowChains(int64_t frame, const rtp::DependencyDescriptor& descriptor);
  void PickTarget(const rtp::DependencyDescriptor& descriptor);
  bool DependenciesSent(int64_t frame, const rtp::FrameDependencies& dependencies) const;
  bool WithinLimits(size_t target) const;
  bool IsUsable(size_t target) const;
  bool IsBetter(size_t target, size_t than) const;
  Fate FateOf(int64_t frame) const;
  uint32_t TargetMask() const;

  uint8_t max_spatial_ = 2;
  uint8_t max_temporal_ = 3;

  std::array<rtp::DependencyStructure::DecodeTarget, rtp::kMaxDecodeTargets> targets_ = {};
  uint8_t target_count_ = 0;
  uint8_t chain_count_ = 0;
  uint32_t active_targets_ = 0;
  std::array<bool, rtp::kMaxChains> chain_intact_ = {};
  std::optional<uint8_t> current_;     // Decode target.
  bool other_spatial_wanted_ = false;  // But it cannot be entered without a key frame.

  int undescribed_ = 0;
  SequenceUnwrapper<uint16_t> frames_;
  int64_t newest_frame_ = 0;
  int64_t first_frame_ = 0;  // Of this structure.
  std::array<Remembered, kRemembered> remembered_ = {};
};

}  // namespace sfu::forward
