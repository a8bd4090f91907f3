#include "worker/rtcp/transport_feedback.h"

#include "common/base/check.h"
#include "common/base/field_reader.h"

namespace sfu::rtcp {
namespace {

constexpr int64_t kTickMicros = 250;
constexpr int64_t kTicksPerReference = 256;  // 64 ms.
constexpr uint32_t kReferenceMask = 0xff'ffff;
constexpr size_t kFixedSize = 16;  // Between the common header and the chunks.

size_t DeltaSize(uint8_t symbol) {
  return symbol == kSmallDelta ? 1 : symbol == kLargeDelta ? 2 : 0;
}

std::optional<uint8_t> SymbolFor(int64_t delta_ticks) {
  if (delta_ticks >= 0 && delta_ticks <= UINT8_MAX) {
    return kSmallDelta;
  }
  if (delta_ticks >= INT16_MIN && delta_ticks <= INT16_MAX) {
    return kLargeDelta;
  }
  return std::nullopt;
}

// Deltas are differences of rounded instants, not rounded differences, so errors do not add up.
int64_t TicksOf(Timestamp instant) { return instant.micros() / kTickMicros; }

int64_t ReferenceOf(const TransportArrival& first) {
  return TicksOf(first.arrival) / kTicksPerReference;
}

// How much of the arrivals goes into one message.
struct Extent {
  size_t arrivals = 0;
  size_t chunks_size = 0;
  size_t deltas_size = 0;

  size_t size() const { return kCommonHeaderSize + kFixedSize + chunks_size + deltas_size; }
  size_t padded_size() const { return (size() + 3) / 4 * 4; }
};

// Calls `on_chunk(uint16_t)` with the chunks closed by the next arrival, which is `lost` numbers
// away from the one before.
template <typename OnChunk>
void Pack(StatusChunkPacker& packer, int64_t lost, uint8_t symbol, OnChunk on_chunk) {
  for (int64_t i = 0; i < lost; ++i) {
    if (const std::optional<uint16_t> chunk = packer.Add(kNotReceived)) {
      on_chunk(*chunk);
    }
  }
  if (const std::optional<uint16_t> chunk = packer.Add(symbol)) {
    on_chunk(*chunk);
  }
}

Extent Measure(int64_t base_sequence, absl::Span<const TransportArrival> arrivals, size_t limit) {
  Extent extent;
  StatusChunkPacker packer;
  size_t closed_size = 0;
  int64_t next_sequence = base_sequence;
  int64_t ticks = ReferenceOf(arrivals.front()) * kTicksPerReference;
  for (const TransportArrival& arrival : arrivals) {
    SFU_CHECK(arrival.sequence >= next_sequence);
    const std::optional<uint8_t> symbol = SymbolFor(TicksOf(arrival.arrival) - ticks);
    if (!symbol || arrival.sequence - base_sequence >= kMaxTransportFeedbackStatuses) {
      break;
    }
    Pack(packer, arrival.sequence - next_sequence, *symbol, [&](uint16_t) { closed_size += 2; });
    const Extent longer = {.arrivals = extent.arrivals + 1,
                           .chunks_size = closed_size + 2,
                           .deltas_size = extent.deltas_size + DeltaSize(*symbol)};
    if (longer.padded_size() > limit) {
      break;
    }
    extent = longer;
    next_sequence = arrival.sequence + 1;
    ticks = TicksOf(arrival.arrival);
  }
  return extent;
}

void WriteChunks(ByteWriter& out, int64_t base_sequence,
                 absl::Span<const TransportArrival> arrivals) {
  StatusChunkPacker packer;
  int64_t next_sequence = base_sequence;
  int64_t ticks = ReferenceOf(arrivals.front()) * kTicksPerReference;
  for (const TransportArrival& arrival : arrivals) {
    const int64_t arrival_ticks = TicksOf(arrival.arrival);
    const std::optional<uint8_t> symbol = SymbolFor(arrival_ticks - ticks);
    SFU_CHECK(symbol.has_value());  // Measure() stopped before it.
    Pack(packer, arrival.sequence - next_sequence, *symbol,
         [&](uint16_t chunk) { out.WriteU16(chunk); });
    next_sequence = arrival.sequence + 1;
    ticks = arrival_ticks;
  }
  out.WriteU16(packer.Finish());
}

void WriteDeltas(ByteWriter& out, absl::Span<const TransportArrival> arrivals) {
  int64_t ticks = ReferenceOf(arrivals.front()) * kTicksPerReference;
  for (const TransportArrival& arrival : arrivals) {
    const int64_t arrival_ticks = TicksOf(arrival.arrival);
    const int64_t delta = arrival_ticks - ticks;
    if (SymbolFor(delta) == kSmallDelta) {
      out.WriteU8(static_cast<uint8_t>(delta));
    } else {
      out.WriteU16(static_cast<uint16_t>(delta));
    }
    ticks = arrival_ticks;
  }
}

}  // namespace

std::optional<TransportFeedbackView> TransportFeedbackView::Parse(const SubPacket& packet) {
  if (packet.type != PacketType::kTransportFeedback || packet.count != kTransportFeedbackFormat ||
      packet.body.size() < kFixedSize) {
    return std::nullopt;
  }
  FieldReader reader(packet.body);
  TransportFeedbackView view;
  view.sender_ = Ssrc(reader.ReadU32());
  view.media_ = Ssrc(reader.ReadU32());
  view.base_sequence_ = reader.ReadU16();
  view.status_count_ = reader.ReadU16();
  view.reference_time_ = reader.ReadU24();
  view.feedback_count_ = reader.ReadU8();
  view.chunks_ = reader.rest();

  StatusChunkReader symbols(view.chunks_);
  size_t deltas_size = 0;
  for (uint32_t i = 0; i < view.status_count_; ++i) {
    const std::optional<uint8_t> symbol = symbols.Next();
    if (!symbol || *symbol > kLargeDelta) {
      return std::nullopt;
    }
    deltas_size += DeltaSize(*symbol);
  }
  view.deltas_ = symbols.rest();
  if (view.status_count_ == 0 || view.deltas_.size() < deltas_size) {
    return std::nullopt;
  }
  return view;
}

TransportFeedbackView::Cursor::Cursor(const TransportFeedbackView& view)
    : symbols_(view.chunks_),
      deltas_(view.deltas_),
      sequence_(view.base_sequence_),
      remaining_(view.status_count_) {}

std::optional<TransportFeedbackView::Status> TransportFeedbackView::Cursor::Next() {
  if (remaining_ == 0) {
    return std::nullopt;
  }
  --remaining_;
  const uint8_t symbol = symbols_.Next().value_or(kNotReceived);  // Parse() saw them all.
  Status status{.sequence = SequenceNumber(sequence_++),
                .received = symbol != kNotReceived,
                .since_reference = absl::ZeroDuration()};
  if (!status.received) {
    return status;
  }
  if (symbol == kSmallDelta) {
    ticks_ += deltas_[0];
  } else {
    ticks_ += static_cast<int16_t>(deltas_[0] << 8 | deltas_[1]);
  }
  deltas_.remove_prefix(DeltaSize(symbol));
  status.since_reference = absl::Microseconds(ticks_ * kTickMicros);
  return status;
}

absl::Duration ReferenceTimeUnwrapper::Unwrap(uint32_t reference_time) {
  constexpr int64_t kReferenceMicros = kTicksPerReference * kTickMicros;
  constexpr int64_t kRange = int64_t{kReferenceMask} + 1;
  int64_t value = reference_time & kReferenceMask;
  if (last_) {
    const int64_t ahead = (value - *last_) & kReferenceMask;
    value = *last_ + (ahead < kRange / 2 ? ahead : ahead - kRange);
  }
  last_ = value;
  return absl::Microseconds(value * kReferenceMicros);
}

size_t WriteTransportFeedback(ByteWriter& out, const TransportFeedbackHeader& header,
                              int64_t base_sequence, absl::Span<const TransportArrival> arrivals) {
  if (arrivals.empty()) {
    return 0;
  }
  const Extent extent = Measure(base_sequence, arrivals, out.remaining());
  if (extent.arrivals == 0) {
    return 0;
  }
  const absl::Span<const TransportArrival> taken = arrivals.first(extent.arrivals);
  const size_t padding = extent.padded_size() - extent.size();
  WriteCommonHeader(out, PacketType::kTransportFeedback, kTransportFeedbackFormat,
                    extent.padded_size() - kCommonHeaderSize, padding != 0);
  out.WriteU32(header.sender.value());
  out.WriteU32(header.media.value());
  out.WriteU16(static_cast<uint16_t>(base_sequence));
  out.WriteU16(static_cast<uint16_t>(taken.back().sequence - base_sequence + 1));
  out.WriteU24(static_cast<uint32_t>(ReferenceOf(taken.front())) & kReferenceMask);
  out.WriteU8(header.feedback_count);
  WriteChunks(out, base_sequence, taken);
  WriteDeltas(out, taken);
  if (padding != 0) {
    out.WriteZeros(padding - 1);
    out.WriteU8(static_cast<uint8_t>(padding));
  }
  return extent.arrivals;
}

}  // namespace sfu::rtcp
