#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/base/check.h"
#include "worker/rtcp/bye.h"
#include "worker/rtcp/compound_view.h"
#include "worker/rtcp/extended_report.h"
#include "worker/rtcp/full_intra_request.h"
#include "worker/rtcp/nack.h"
#include "worker/rtcp/picture_loss.h"
#include "worker/rtcp/receiver_report.h"
#include "worker/rtcp/remb.h"
#include "worker/rtcp/sender_report.h"
#include "worker/rtcp/transport_feedback.h"

namespace {

using namespace sfu::rtcp;

// Reads each item, so that the sanitizers see where it lies.
template <typename View>
void ReadItems(const View& view) {
  for (size_t i = 0; i < view.size(); ++i) {
    (void)view[i];
  }
}

// What a peer reports, we can report: the same arrivals give the same statuses.
void CheckTransportFeedback(const TransportFeedbackView& view) {
  // A time in the middle of the range, so that no arrival comes before the clock's start.
  const auto reference = sfu::Timestamp::FromMicros(int64_t{1} << 50);
  std::vector<TransportArrival> arrivals;
  int64_t sequence = view.base_sequence().value();
  auto cursor = view.statuses();
  while (const auto status = cursor.Next()) {
    SFU_CHECK(status->sequence.value() == static_cast<uint16_t>(sequence));
    if (status->received) {
      arrivals.push_back({.sequence = sequence, .arrival = reference + status->since_reference});
    }
    ++sequence;
  }
  SFU_CHECK(sequence - view.base_sequence().value() == view.status_count());

  std::vector<uint8_t> memory(CompoundView::kMaxSize);
  sfu::ByteWriter out(absl::MakeSpan(memory));
  const size_t taken = WriteTransportFeedback(out, {}, view.base_sequence().value(), arrivals);
  if (taken == 0) {
    SFU_CHECK(out.size() == 0);
    return;
  }
  const auto compound = CompoundView::Parse(out.written());
  SFU_CHECK(compound.has_value());
  const auto again = TransportFeedbackView::Parse(*compound->begin());
  SFU_CHECK(again.has_value());
  size_t received = 0;
  auto statuses = again->statuses();
  while (const auto status = statuses.Next()) {
    if (status->received) {
      SFU_CHECK(status->sequence.value() == static_cast<uint16_t>(arrivals[received].sequence));
      ++received;
    }
  }
  SFU_CHECK(received == taken);
}

void ReadFeedback(const SubPacket& packet) {
  if (const auto nack = NackView::Parse(packet)) {
    nack->ForEach([](SequenceNumber) {});
  }
  if (const auto feedback = TransportFeedbackView::Parse(packet)) {
    CheckTransportFeedback(*feedback);
  }
  PictureLoss::Parse(packet);
  if (const auto request = FullIntraRequestView::Parse(packet)) {
    ReadItems(*request);
  }
  if (const auto remb = RembView::Parse(packet)) {
    for (size_t i = 0; i < remb->ssrc_count(); ++i) {
      (void)remb->ssrc(i);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto compound = CompoundView::Parse(absl::MakeConstSpan(data, size));
  if (!compound) {
    return 0;
  }
  for (const SubPacket packet : *compound) {
    switch (packet.type) {
      case PacketType::kSenderReport:
        if (const auto report = SenderReportView::Parse(packet)) {
          ReadItems(report->blocks);
        }
        break;
      case PacketType::kReceiverReport:
        if (const auto report = ReceiverReportView::Parse(packet)) {
          ReadItems(report->blocks);
        }
        break;
      case PacketType::kBye:
        if (const auto bye = ByeView::Parse(packet)) {
          ReadItems(*bye);
        }
        break;
      case PacketType::kExtendedReport:
        if (const auto report = ExtendedReportView::Parse(packet)) {
          for (size_t i = 0; i < report->delay_count(); ++i) {
            (void)report->delay(i);
          }
        }
        break;
      default:
        ReadFeedback(packet);
    }
  }
  return 0;
}
