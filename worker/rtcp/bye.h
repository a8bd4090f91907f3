#pragma once

#include <cstddef>
#include <optional>

#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "worker/rtcp/compound_view.h"

namespace sfu::rtcp {

// Sources that end (RFC 3550 §6.6): as many SSRCs as the count says; a reason may follow and is not
// read.
class ByeView {
 public:
  // Precondition: packet.type is kBye. nullopt if truncated.
  static std::optional<ByeView> Parse(const SubPacket& packet);

  size_t size() const { return ssrcs_.size() / 4; }
  Ssrc operator[](size_t index) const;

 private:
  explicit ByeView(absl::Span<const uint8_t> ssrcs) : ssrcs_(ssrcs) {}
  absl::Span<const uint8_t> ssrcs_;
};

// At most 31 sources.
constexpr size_t ByeSize(size_t source_count) { return kCommonHeaderSize + 4 * source_count; }
void WriteBye(ByteWriter& out, absl::Span<const Ssrc> sources);

}  // namespace sfu::rtcp
