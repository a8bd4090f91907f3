#pragma once

#include <cstddef>
#include <cstdint>

#include "common/base/byte_writer.h"
#include "worker/rtp/rtp_types.h"

namespace sfu::rtcp {

using rtp::SequenceNumber;
using rtp::Ssrc;

enum class PacketType : uint8_t {
  kSenderReport = 200,
  kReceiverReport = 201,
  kSourceDescription = 202,
  kBye = 203,
  kApplication = 204,
  kTransportFeedback = 205,  // Generic NACK (format 1), transport-wide congestion control (15).
  kPayloadFeedback = 206,    // PLI (1), FIR (4), REMB (15).
  kExtendedReport = 207,
};

inline constexpr size_t kCommonHeaderSize = 4;

// The common header (RFC 3550 §6.4.1). `count` is five bits: a count, or a feedback format.
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |V=2|P|  count  |      PT       |   length in words, minus one  |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//
// `body_size` is what follows, a multiple of four; with `padded`, its last byte counts the padding.
void WriteCommonHeader(ByteWriter& out, PacketType type, uint8_t count, size_t body_size,
                       bool padded = false);

}  // namespace sfu::rtcp
