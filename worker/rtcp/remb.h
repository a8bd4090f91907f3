#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// The receiver's estimated maximum bitrate (draft-alvestrand-rmcat-remb-03 §2.2). Sender SSRC, a
// media SSRC of 0, then
//
//   |  'R' 'E' 'M' 'B'                                              |
//   | SSRC count    | exponent  |  mantissa (18 bits)               |
//   |                     SSRCs it is about                         |
//
// Bits per second: mantissa * 2^exponent.
inline constexpr uint8_t kApplicationFeedbackFormat = 15;

class RembView {
 public:
  // nullopt unless the packet is a REMB whose rate fits 64 bits.
  static std::optional<RembView> Parse(const SubPacket& packet);

  Ssrc sender() const { return sender_; }
  uint64_t bits_per_second() const { return bits_per_second_; }
  size_t ssrc_count() const { return ssrcs_.size() / 4; }
  Ssrc ssrc(size_t index) const;

 private:
  RembView(Ssrc sender, uint64_t bits_per_second, absl::Span<const uint8_t> ssrcs)
      : sender_(sender), bits_per_second_(bits_per_second), ssrcs_(ssrcs) {}

  Ssrc sender_;
  uint64_t bits_per_second_;
  absl::Span<const uint8_t> ssrcs_;
};

inline constexpr size_t kMaxRembSsrcs = 255;
constexpr size_t RembSize(size_t ssrc_count) { return kCommonHeaderSize + 16 + 4 * ssrc_count; }

// Rounds down to what the mantissa can hold.
void WriteRemb(ByteWriter& out, Ssrc sender, uint64_t bits_per_second,
               absl::Span<const Ssrc> ssrcs);

}  // namespace sfu::rtcp
