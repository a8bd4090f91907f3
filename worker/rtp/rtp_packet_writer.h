#pragma once

#include <cstddef>
#include <cstdint>

#include <absl/types/span.h>

#include "worker/rtp/extension_block_writer.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::rtp {

inline constexpr size_t kFixedHeaderSize = 12;

// The fields of an outgoing header (RFC 3550 §5.1). There are no CSRCs: we strip them [RX-2].
struct RtpHeader {
  bool padding = false;
  bool marker = false;
  PayloadType payload_type{0};
  SequenceNumber sequence_number{0};
  uint32_t timestamp = 0;
  Ssrc ssrc{0};
};

// Writes the header and, if it has elements, the extension block to the front of `out`, which must
// hold them. Returns how many bytes that took; an element's offset in the packet is
// kFixedHeaderSize + *extensions.OffsetOf(type).
size_t WriteRtpHeader(const RtpHeader& header, const ExtensionBlockWriter& extensions,
                      absl::Span<uint8_t> out);
size_t WriteRtpHeader(const RtpHeader& header, absl::Span<uint8_t> out);

}  // namespace sfu::rtp
