#include "worker/receive/reception_statistics.h"

#include <algorithm>
#include <cmath>

#include "worker/rtcp/ntp_time.h"

namespace sfu::receive {

void ReceptionStatistics::HandlePacket(Timestamp arrival, int64_t sequence, int64_t timestamp,
                                       uint32_t clock_rate) {
  if (!started_) {
    started_ = true;
    first_ = sequence;
    highest_ = sequence;
  }
  out_of_order_ += sequence < highest_ ? 1 : 0;
  first_ = std::min(first_, sequence);  // The very first packets may come out of order.
  highest_ = std::max(highest_, sequence);
  ++received_;
  ++packets_;
  UpdateJitter(arrival, timestamp, clock_rate);
}

void ReceptionStatistics::UpdateJitter(Timestamp arrival, int64_t timestamp, uint32_t clock_rate) {
  if (jitter_arrival_ == Timestamp::Never() || clock_rate != clock_rate_) {
    clock_rate_ = clock_rate;
    jitter_timestamp_ = timestamp;
    jitter_arrival_ = arrival;
    return;
  }
  // Only the first packet of a timestamp says something: the rest of a frame was sent later.
  if (timestamp <= jitter_timestamp_) {
    return;
  }
  const double arrival_ticks =
      static_cast<double>(arrival.micros() - jitter_arrival_.micros()) * clock_rate / 1e6;
  const double sent_ticks = static_cast<double>(timestamp - jitter_timestamp_);
  jitter_ticks_ += (std::abs(arrival_ticks - sent_ticks) - jitter_ticks_) / 16;
  jitter_timestamp_ = timestamp;
  jitter_arrival_ = arrival;
}

void ReceptionStatistics::HandleSenderReport(Timestamp arrival, uint64_t ntp) {
  last_sender_report_ntp_ = ntp;
  last_sender_report_ = arrival;
}

void ReceptionStatistics::Reset() {
  started_ = false;
  received_ = 0;
  reported_expected_ = 0;
  reported_received_ = 0;
  jitter_arrival_ = Timestamp::Never();
}

rtcp::ReportBlock ReceptionStatistics::TakeReportBlock(Timestamp now) {
  const int64_t expected_now = expected() - reported_expected_;
  const auto received_now = static_cast<int64_t>(received_ - reported_received_);
  reported_expected_ = expected();
  reported_received_ = received_;

  rtcp::ReportBlock block;
  block.source = ssrc_;
  // More than expected means late packets of the former interval, not a negative loss.
  if (expected_now > 0 && received_now < expected_now) {
    block.fraction_lost = static_cast<uint8_t>(
        std::min<int64_t>((expected_now - received_now) * 256 / expected_now, 255));
  }
  block.cumulative_lost = static_cast<int32_t>(std::clamp<int64_t>(
      lost(), rtcp::ReportBlock::kMinCumulativeLost, rtcp::ReportBlock::kMaxCumulativeLost));
  block.highest_sequence = static_cast<uint32_t>(highest_);
  block.jitter = static_cast<uint32_t>(std::clamp(jitter_ticks_, 0.0, 4e9));
  if (last_sender_report_ != Timestamp::Never()) {
    block.last_sender_report = rtcp::CompactNtp(last_sender_report_ntp_);
    block.delay_since_sender_report = rtcp::ToCompactNtp(now - last_sender_report_);
  }
  return block;
}

absl::Duration ReceptionStatistics::jitter() const {
  return clock_rate_ == 0 ? absl::ZeroDuration() : absl::Seconds(jitter_ticks_ / clock_rate_);
}

}  // namespace sfu::receive
