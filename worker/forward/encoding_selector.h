#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "worker/rtp/media_packet.h"

namespace sfu::forward {

// Which encoding (simulcast layer) of a video track a subscriber gets, and when it may change: only
// where a key frame starts [TX-31, TX-32].
//
// Heads for the best live encoding up to the target, or for the lowest live one if none is that
// low. On the way up any encoding nearer to the target will do; on the way down the current one
// goes on until a lower one has a key frame.
class EncodingSelector {
 public:
  static constexpr size_t kMaxEncodings = 3;

  // Keeps track of where frames begin. Call for every packet offered, before the rest, and
  // Remember() after the packet was dealt with.
  void Observe(const rtp::MediaPacket& packet);
  void Remember(const rtp::MediaPacket& packet);

  bool IsSwitch(const rtp::MediaPacket& packet) const;
  void SwitchTo(const rtp::MediaPacket& packet);
  bool IsCurrent(const rtp::MediaPacket& packet) const;
  void Stop() { current_.reset(); }

  void SetTarget(uint8_t encoding) { target_ = encoding; }
  void SetLive(uint8_t mask) { live_ = mask; }

  // What the target comes down to with the encodings that are alive; nullopt if none is.
  std::optional<uint8_t> goal() const;
  std::optional<uint8_t> current() const;
  uint8_t target() const { return target_; }

  // The newest packet of an encoding seen so far, if it is newer than `packet`: the range between
  // was passed by.
  std::optional<int64_t> NewestAfter(const rtp::MediaPacket& packet) const;

 private:
  struct Seen {
    rtp::Ssrc ssrc{0};
    int64_t sequence = 0;
    int64_t timestamp = 0;
  };
  struct Current {
    uint8_t layer;
    rtp::Ssrc ssrc;
    int64_t highest;
  };

  bool StartsKeyframe(const rtp::MediaPacket& packet) const;
  bool IsNearer(uint8_t layer) const;

  uint8_t target_ = 2;
  uint8_t live_ = 0;  // Bit per encoding.
  std::optional<Current> current_;
  std::array<std::optional<Seen>, kMaxEncodings> seen_;
};

}  // namespace sfu::forward
