#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/byte_writer.h"
#include "common/time/timestamp.h"
#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/status_chunks.h"

namespace sfu::rtcp {

// Transport-wide congestion control feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01 §3.1, [RX-62]). Sender SSRC, media SSRC, then
//
//    0                   1                   2                   3
//    0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |      base sequence number     |      packet status count      |
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |         reference time, 64 ms units (24)      | feedback count|
//   +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//   |  status chunks, 16 bits each, then one receive delta per received packet, 250 us units
//
// A chunk is a run |0|symbol(2)|length(13)| or a vector |1|0|14 one-bit symbols| or
// |1|1|7 two-bit symbols|. Symbols: 0 not received, 1 delta of one byte, 2 delta of two, signed.
inline constexpr uint8_t kTransportFeedbackFormat = 15;

class TransportFeedbackView {
 public:
  struct Status {
    SequenceNumber sequence;
    bool received;
    // When it arrived, counted from the message's reference time; zero if not received.
    absl::Duration since_reference;
  };

  // Walks the statuses, base sequence first. Valid as long as the message's bytes.
  class Cursor {
   public:
    std::optional<Status> Next();

   private:
    friend class TransportFeedbackView;
    explicit Cursor(const TransportFeedbackView& view);

    StatusChunkReader symbols_;
    absl::Span<const uint8_t> deltas_;
    uint16_t sequence_;
    uint32_t remaining_;
    int64_t ticks_ = 0;
  };

  // nullopt unless the packet is one whose chunks cover the status count and whose deltas are all
  // there. The reserved symbol 3 is malformed.
  static std::optional<TransportFeedbackView> Parse(const SubPacket& packet);

  Ssrc sender() const { return sender_; }
  Ssrc media() const { return media_; }
  SequenceNumber base_sequence() const { return SequenceNumber(base_sequence_); }
  uint16_t status_count() const { return status_count_; }
  uint8_t feedback_count() const { return feedback_count_; }
  uint32_t reference_time() const { return reference_time_; }  // 24 bits, in 64 ms; it wraps.
  Cursor statuses() const { return Cursor(*this); }

 private:
  TransportFeedbackView() = default;

  Ssrc sender_{0};
  Ssrc media_{0};
  uint16_t base_sequence_ = 0;
  uint16_t status_count_ = 0;
  uint32_t reference_time_ = 0;
  uint8_t feedback_count_ = 0;
  absl::Span<const uint8_t> chunks_;
  absl::Span<const uint8_t> deltas_;
};

// Reference times as one line: 24 bits of 64 ms wrap every 12 days. The nearest to the last is
// taken.
class ReferenceTimeUnwrapper {
 public:
  // Since an epoch of the peer's choice.
  absl::Duration Unwrap(uint32_t reference_time);

 private:
  std::optional<int64_t> last_;
};

// One packet to report.
struct TransportArrival {
  int64_t sequence;  // Unwrapped transport-wide number.
  Timestamp arrival;
};

struct TransportFeedbackHeader {
  Ssrc sender{0};
  Ssrc media{0};
  uint8_t feedback_count = 0;  // One more for each message, modulo 256.
};

// Header, one chunk, one delta, padding: with less nothing can be written.
inline constexpr size_t kMinTransportFeedbackSize = kCommonHeaderSize + 8 + 8 + 4;
inline constexpr int64_t kMaxTransportFeedbackStatuses = 0x7ffe;

// Writes one message reporting everything from `base_sequence` up to the last arrival taken;
// numbers without an arrival are reported lost. `arrivals` must be in strictly ascending order of
// sequence and not start before `base_sequence`. Takes as many as fit the writer, the status limit
// and the range of a delta, and returns how many; call again for the rest, with the feedback count
// and the base (last reported + 1) moved on. 0, and nothing written, if not even the first fits:
// there is no room, or it lies too far from the base, in which case the base must be moved to it.
size_t WriteTransportFeedback(ByteWriter& out, const TransportFeedbackHeader& header,
                              int64_t base_sequence, absl::Span<const TransportArrival> arrivals);

}  // namespace sfu::rtcp
