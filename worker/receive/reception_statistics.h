#pragma once

#include <cstdint>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/rtcp/report_block.h"

namespace sfu::receive {

// What a receiver report says about one stream (RFC 3550 §6.4.1, A.3, A.8) [RX-20, RX-21].
//
// Loss is what did not come by itself: packets repaired by retransmission stay lost here, because
// the publisher's bandwidth estimator needs the raw figure.
class ReceptionStatistics {
 public:
  explicit ReceptionStatistics(rtp::Ssrc ssrc) : ssrc_(ssrc) {}

  // A packet came on its own SSRC. Both numbers unwrapped.
  void HandlePacket(Timestamp arrival, int64_t sequence, int64_t timestamp, uint32_t clock_rate);
  void HandleSenderReport(Timestamp arrival, uint64_t ntp);
  // The stream restarted with other numbers: counting begins anew.
  void Reset();

  // Closes the interval since the previous block.
  rtcp::ReportBlock TakeReportBlock(Timestamp now);

  bool started() const { return started_; }
  absl::Duration jitter() const;
  uint64_t packets() const { return packets_; }
  uint64_t out_of_order() const { return out_of_order_; }  // Came after a later one, ever.
  int64_t expected() const { return started_ ? highest_ - first_ + 1 : 0; }
  int64_t lost() const { return expected() - static_cast<int64_t>(received_); }

 private:
  void UpdateJitter(Timestamp arrival, int64_t timestamp, uint32_t clock_rate);

  const rtp::Ssrc ssrc_;
  bool started_ = false;
  int64_t first_ = 0;
  int64_t highest_ = 0;
  uint64_t received_ = 0;  // Since (re)start.
  uint64_t packets_ = 0;   // Ever.
  uint64_t out_of_order_ = 0;
  int64_t reported_expected_ = 0;
  uint64_t reported_received_ = 0;

  uint32_t clock_rate_ = 0;
  int64_t jitter_timestamp_ = 0;
  Timestamp jitter_arrival_ = Timestamp::Never();
  double jitter_ticks_ = 0;

  uint64_t last_sender_report_ntp_ = 0;
  Timestamp last_sender_report_ = Timestamp::Never();
};

}  // namespace sfu::receive
