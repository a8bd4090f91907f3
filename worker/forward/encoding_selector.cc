#include "worker/forward/encoding_selector.h"

#include <algorithm>

namespace sfu::forward {
namespace {

// No 16-bit number can make such a leap: the stream has started over (receive::SequenceWindow).
constexpr int64_t kRestartLeap = int64_t{1} << 16;
// More missing than that means that the encoding was not watched, not that packets were lost.
constexpr int64_t kMaxGap = 64;

bool HasParameterSets(rtp::Codec codec) {
  return codec == rtp::Codec::kH264 || codec == rtp::Codec::kH265;
}

}  // namespace

void EncodingSelector::Observe(const rtp::MediaPacket& packet) {
  if (packet.layer >= kMaxEncodings) {
    return;
  }
  live_ = static_cast<uint8_t>(live_ | 1u << packet.layer);
  if (current_ && current_->layer == packet.layer &&
      (current_->ssrc != packet.ssrc || packet.sequence - current_->highest >= kRestartLeap)) {
    Stop();  // What was being sent has ended; its next life needs a key frame.
  }
}

void EncodingSelector::Remember(const rtp::MediaPacket& packet) {
  if (packet.layer >= kMaxEncodings) {
    return;
  }
  std::optional<Seen>& seen = seen_[packet.layer];
  if (!seen || seen->ssrc != packet.ssrc || packet.sequence > seen->sequence) {
    seen = Seen{packet.ssrc, packet.sequence, packet.timestamp};
  }
  if (IsCurrent(packet)) {
    current_->highest = std::max(current_->highest, packet.sequence);
  }
}

bool EncodingSelector::IsSwitch(const rtp::MediaPacket& packet) const {
  if (packet.layer >= kMaxEncodings || !packet.description.key_frame_start) {
    return false;
  }
  return IsNearer(packet.layer) && StartsKeyframe(packet);
}

bool EncodingSelector::IsNearer(uint8_t layer) const {
  const std::optional<uint8_t> wanted = goal();
  if (!wanted) {
    return false;
  }
  if (layer == *wanted) {
    return !current_ || current_->layer != layer;
  }
  if (layer > *wanted) {
    return false;
  }
  // Below the goal: better than nothing, than less, or than more than was asked for.
  return !current_ || current_->layer < layer || current_->layer > *wanted;
}

bool EncodingSelector::StartsKeyframe(const rtp::MediaPacket& packet) const {
  const std::optional<Seen>& seen = seen_[packet.layer];
  if (!seen || seen->ssrc != packet.ssrc || !HasParameterSets(packet.codec) ||
      packet.description.dependency) {
    return true;
  }
  // Each parameter set and slice of a key frame looks like its start; only the first of them is.
  const bool inside_frame = seen->timestamp == packet.timestamp && seen->sequence < packet.sequence;
  const int64_t gap = packet.sequence - seen->sequence - 1;
  const bool after_loss = gap > 0 && gap <= kMaxGap;
  return !inside_frame && !after_loss;
}

void EncodingSelector::SwitchTo(const rtp::MediaPacket& packet) {
  current_ = Current{packet.layer, packet.ssrc, packet.sequence};
}

bool EncodingSelector::IsCurrent(const rtp::MediaPacket& packet) const {
  return current_ && current_->layer == packet.layer && current_->ssrc == packet.ssrc;
}

std::optional<uint8_t> EncodingSelector::goal() const {
  for (int layer = std::min<int>(target_, kMaxEncodings - 1); layer >= 0; --layer) {
    if ((live_ >> layer & 1) != 0) {
      return static_cast<uint8_t>(layer);
    }
  }
  for (uint8_t layer = target_; layer < kMaxEncodings; ++layer) {
    if ((live_ >> layer & 1) != 0) {
      return layer;
    }
  }
  return std::nullopt;
}

std::optional<uint8_t> EncodingSelector::current() const {
  return current_ ? std::optional(current_->layer) : std::nullopt;
}

std::optional<int64_t> EncodingSelector::NewestAfter(const rtp::MediaPacket& packet) const {
  const std::optional<Seen>& seen = seen_[packet.layer];
  if (!seen || seen->ssrc != packet.ssrc || seen->sequence <= packet.sequence) {
    return std::nullopt;
  }
  return seen->sequence;
}

}  // namespace sfu::forward
