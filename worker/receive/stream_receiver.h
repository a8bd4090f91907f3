#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include <absl/time/time.h>

#include "common/time/timestamp.h"
#include "worker/receive/keyframe_requester.h"
#include "worker/receive/nack_tracker.h"
#include "worker/receive/packet_history.h"
#include "worker/receive/reception_statistics.h"
#include "worker/receive/sequence_window.h"
#include "worker/receive/stream_activity.h"
#include "worker/rtp/dependency_descriptor.h"
#include "worker/rtp/header_extensions.h"
#include "worker/rtp/media_packet.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/rtp/rtp_packet_view.h"
#include "worker/rtp/source_clock.h"

namespace sfu::receive {

// What a payload type means in the section a stream belongs to.
struct StreamFormat {
  rtp::PayloadType payload_type{0};
  rtp::Codec codec = rtp::Codec::kOpus;
  std::optional<rtp::PayloadType> rtx_payload_type;
  bool nack = false;
};

struct StreamConfig {
  rtp::Ssrc ssrc{0};
  rtp::MediaKind kind = rtp::MediaKind::kAudio;
  uint8_t layer = 0;  // Simulcast encoding, 0 the lowest.
  std::vector<StreamFormat> formats;
  bool sparse = false;  // A screen: it may be silent for seconds and yet be alive.
  KeyframeRequester::Options keyframes;
};

// Why a packet went no further.
struct StreamCounters {
  uint64_t accepted = 0;
  uint64_t padding_only = 0;
  uint64_t recovered = 0;  // Accepted from a retransmission.
  uint64_t dropped_unknown_payload_type = 0;
  uint64_t dropped_duplicate = 0;
  uint64_t dropped_too_old = 0;
  uint64_t dropped_out_of_window = 0;
  uint64_t malformed_payload = 0;  // Passed on as if it were padding only.
  uint64_t restarts = 0;
};

// One incoming media SSRC: one encoding of one track [RX-1]. Unwraps, refuses duplicates, notices
// restarts, describes the payload, keeps the history, counts for reports, and knows what to ask the
// publisher for: missing packets and key frames.
//
// A new SSRC for the same encoding is a new StreamReceiver [RX-14]. Not thread-safe: lives on its
// room's media thread.
class StreamReceiver {
 public:
  explicit StreamReceiver(const StreamConfig& config);

  // A packet of this SSRC: `view` and `extensions` are of `packet`, decrypted. Returns what all the
  // track's forwarders shall be offered, valid until the next Handle…(); nullptr if dropped.
  //
  // A returned packet with payload_size 0 carries nothing (padding, or a payload nobody could read)
  // and is not in the history; it must be offered all the same, so that forwarders can close up the
  // gap its number would leave [RX-4].
  const rtp::MediaPacket* HandlePacket(Timestamp arrival, const rtp::RtpPacketView& view,
                                       const rtp::HeaderExtensions& extensions,
                                       rtp::PacketRef packet);

  // A packet of the RTX stream that belongs to this one, held by nobody else; otherwise as above
  // [RX-13].
  const rtp::MediaPacket* HandleRetransmission(Timestamp arrival, rtp::PacketRef packet,
                                               const rtp::ExtensionMap& extensions);

  // A sender report of this SSRC arrived. `local` is what PublisherClock made of its `ntp`.
  void HandleSenderReport(Timestamp arrival, uint64_t ntp, uint32_t rtp_timestamp, Timestamp local);

  // Commands.
  void SetRoundTripTime(absl::Duration round_trip);
  // Whether anybody consumes this encoding. If not, nothing is asked of the publisher [RX-34].
  void SetConsumed(bool consumed);
  void WantKeyframe(Timestamp now) { keyframes_.Want(now); }
  void CancelKeyframe() { keyframes_.Cancel(); }  // Publisher muted, or nobody wants one any more.

  // Outputs, to be taken when NextTimeout() is due and after packets. Missing numbers are appended,
  // ascending, for one NACK [RX-31].
  void PollMissing(Timestamp now, std::vector<rtp::SequenceNumber>& missing) {
    nacks_.PollMissing(now, missing);
  }
  [[nodiscard]] bool PollKeyframeRequest(Timestamp now) { return keyframes_.PollRequest(now); }
  Timestamp NextTimeout() const { return std::min(nacks_.NextTimeout(), keyframes_.NextTimeout()); }
  rtcp::ReportBlock TakeReportBlock(Timestamp now) { return statistics_.TakeReportBlock(now); }

  // Questions.
  const StreamConfig& config() const { return config_; }
  rtp::Ssrc ssrc() const { return config_.ssrc; }
  uint8_t layer() const { return config_.layer; }
  std::optional<rtp::Codec> codec() const { return codec_; }  // Of the latest packet.
  const PacketHistory& history() const { return history_; }
  const ReceptionStatistics& statistics() const { return statistics_; }
  const NackTracker& nacks() const { return nacks_; }
  const StreamActivity& activity() const { return activity_; }
  const StreamCounters& counters() const { return counters_; }
  const std::optional<rtp::SourceClock>& clock() const { return clock_; }

  // Where the newest key frame starts, for subscribers to begin from the history [TX-62].
  struct Keyframe {
    int64_t sequence = 0;
    Timestamp arrival = Timestamp::Never();
  };
  const std::optional<Keyframe>& newest_keyframe() const { return newest_keyframe_; }

 private:
  const rtp::MediaPacket* Accept(Timestamp arrival, const rtp::RtpPacketView& view,
                                 const rtp::HeaderExtensions& extensions, rtp::PacketRef packet,
                                 bool is_retransmission);
  const StreamFormat* FormatOf(rtp::PayloadType payload_type) const;
  bool CountVerdict(SequenceWindow::Verdict verdict);
  void Restart();
  void Describe(const rtp::HeaderExtensions& extensions, absl::Span<const uint8_t> payload,
                rtp::MediaPacket& media);
  void TrackLoss(Timestamp arrival, const rtp::MediaPacket& media);
  void NoteKeyframe(Timestamp arrival, const rtp::MediaPacket& media);

  const StreamConfig config_;
  SequenceWindow window_;
  ReceptionStatistics statistics_;
  NackTracker nacks_;
  PacketHistory history_;
  KeyframeRequester keyframes_;
  StreamActivity activity_;
  rtp::DependencyDescriptorReader dependencies_;
  rtp::MediaPacket unkept_;  // What is returned for a packet that is not in the history.
  std::optional<rtp::Codec> codec_;
  std::optional<rtp::SourceClock> clock_;
  std::optional<Keyframe> newest_keyframe_;
  int64_t keyframe_timestamp_ = 0;
  bool consumed_ = true;
  StreamCounters counters_;
};

}  // namespace sfu::receive
