#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/forward/codec_munger.h"
#include "worker/forward/forwarder_config.h"
#include "worker/forward/header_template.h"
#include "worker/forward/nack_responder.h"
#include "worker/forward/renumbering.h"
#include "worker/forward/report_schedule.h"
#include "worker/forward/retransmission_map.h"
#include "worker/forward/source_view.h"
#include "worker/forward/timestamp_munger.h"
#include "worker/rtp/media_packet.h"
#include "worker/rtp/outgoing_packet.h"

namespace sfu::forward {

// The sending side of a sender report [TX-40]; worker/room writes it, with its SDES, through
// worker/rtcp.
struct SenderReportData {
  rtp::Ssrc ssrc{0};
  uint64_t ntp = 0;
  uint32_t rtp_timestamp = 0;
  uint32_t packet_count = 0;
  uint32_t octet_count = 0;
};

struct ForwarderCounters {
  uint64_t packets = 0;  // First transmissions.
  uint64_t octets = 0;   // Of their payload.
  uint64_t retransmitted_packets = 0;
  uint64_t retransmitted_octets = 0;
  uint64_t fillers = 0;  // Empty packets sent in place of late ones that are not wanted.
  uint64_t dropped_layer = 0;
  uint64_t dropped_late = 0;
  uint64_t dropped_no_format = 0;  // The subscriber does not take this codec.
  uint64_t layer_switches = 0;
  uint64_t switches_refused = 0;  // For their timestamps [TX-11].
};

// One track to one subscriber: selects the layer, renumbers, and builds complete headers. The
// payload is only referred to.
//
// For each packet of any encoding of the track: HandlePacket(). Encodings that are not in
// wanted_layers() may be skipped, so that a subscriber of the lowest layer costs nothing for the
// highest [TX-70]. After HandlePacket() and after commands, the owner reads wanted_keyframe() and
// takes PollReplay().
//
// Later: bandwidth allocation decides with SetTarget() and SetPaused(); probing asks HandleNack()'s
// machinery for recent packets as padding [TX-50]; silence gating docks where SetPaused() does.
//
// Not thread-safe: lives on its room's media thread. `source` outlives it.
class Forwarder {
 public:
  Forwarder(const ForwarderConfig& config, const SourceView& source);
  ~Forwarder();
  Forwarder(const Forwarder&) = delete;
  Forwarder& operator=(const Forwarder&) = delete;

  // Returns what to send now, if anything.
  std::optional<rtp::OutgoingPacket> HandlePacket(Timestamp now, const rtp::MediaPacket& packet);

  // The subscriber misses these [TX-46]. Appends what can be sent again: over RTX, or for audio the
  // very same packet on the same SSRC, byte for byte (only that is safe under GCM). Repetitions,
  // too old and too many requests are ignored and counted.
  void HandleNack(Timestamp now, absl::Span<const rtp::SequenceNumber> missing,
                  std::vector<rtp::OutgoingPacket>& out);

  // PLI or FIR from the subscriber: a key frame of the current encoding is wanted until one comes.
  void HandlePictureLoss(Timestamp now);

  // Highest layers to send; the best available at or below them is. With simulcast `max_spatial`
  // is the encoding, otherwise the spatial layer inside the only one. Takes effect at the next
  // moment the codec allows.
  void SetTarget(uint8_t max_spatial, uint8_t max_temporal);

  // Stops sending without forgetting the numbers; video resumes with a key frame [TX-63].
  void SetPaused(bool paused);

  // The publisher muted: key frames are not wanted meanwhile [RX-53].
  void SetSourceMuted(bool muted) { source_muted_ = muted; }

  // Bit per encoding that is alive, as its StreamActivity says. An encoding is also taken for alive
  // when a packet of it comes.
  void SetLiveLayers(uint8_t mask);

  // The first receiver report about our SSRC came: the subscriber knows the stream by now.
  void StopSendingMid();

  void SetRoundTripTime(absl::Duration round_trip);
  // Cap for retransmissions: max(15 % of the estimate, 100 kbps) [TX-46]. Uncapped until called.
  void SetRetransmissionRate(int64_t bits_per_second);

  // The encoding of which a key frame is needed before anything (or anything better) can be sent.
  // Stays until served: give it to the encoding's KeyframeRequester after each packet or command.
  std::optional<uint8_t> wanted_keyframe() const;

  // Bit per encoding whose packets this forwarder needs now.
  uint8_t wanted_layers() const;

  // Packets [first, last] of `layer` that passed by before their key frame's start came late. Offer
  // those that the history has to HandlePacket() again, in order. A subscriber that joins shortly
  // after a key frame is served the same way, from StreamReceiver::newest_keyframe() [TX-62].
  struct Replay {
    uint8_t layer;
    int64_t first;
    int64_t last;
  };
  std::optional<Replay> PollReplay();

  // When the next sender report is due [TX-41]; Never() before the first packet.
  Timestamp NextTimeout() const { return reports_.NextTimeout(); }
  // A sender report for now, whose wall clock is `ntp`, if one is due. nullopt also when nothing
  // was sent since the last switch of source.
  std::optional<SenderReportData> PollSenderReport(Timestamp now, uint64_t ntp);

  // The encoding and layers being sent; nullopt while nothing is. For dynacast, the highest layer
  // in use is max(target, current) [TX-65, DYN-8].
  std::optional<uint8_t> current_layer() const;
  uint8_t max_spatial_in_use() const;

  rtp::Ssrc ssrc() const { return config_.ssrc; }
  const ForwarderConfig& config() const { return config_; }
  const ForwarderCounters& counters() const { return counters_; }
  const NackCounters& nack_counters() const;
  bool paused() const { return paused_; }

 private:
  // What only video has.
  struct Video;

  const OutgoingFormat* FormatOf(rtp::Codec codec) const;
  bool CanResend(const OutgoingFormat& format) const;

  std::optional<rtp::OutgoingPacket> HandleAudio(Timestamp now, const rtp::MediaPacket& packet);
  bool ContinuesAudio(const rtp::MediaPacket& packet) const;
  void PlaceAudio(Timestamp now, const rtp::MediaPacket& packet);

  std::optional<rtp::OutgoingPacket> HandleVideo(Timestamp now, const rtp::MediaPacket& packet);
  void RefreshTarget();
  bool SwitchVideo(Timestamp now, const rtp::MediaPacket& packet);
  bool PlaceVideo(Timestamp now, const rtp::MediaPacket& packet);

  void BeginSource(Timestamp now, const rtp::MediaPacket& packet);
  std::optional<rtp::OutgoingPacket> Send(Timestamp now, const rtp::MediaPacket& packet,
                                          bool marker, const CodecNumbers& numbers);
  std::optional<rtp::OutgoingPacket> Emit(Timestamp now, const rtp::MediaPacket& packet,
                                          uint16_t sequence, rtp::PayloadType payload_type,
                                          bool marker, const CodecNumbers& numbers);
  std::optional<rtp::OutgoingPacket> LeaveOut(Timestamp now, const rtp::MediaPacket& packet);
  bool Resend(Timestamp now, rtp::SequenceNumber sequence, rtp::OutgoingPacket& out);
  void Build(const HeaderTemplate& header, const rtp::MediaPacket& packet,
             HeaderTemplate::Fields fields, const CodecNumbers& numbers,
             rtp::OutgoingPacket& out) const;
  int64_t ReportTimestamp(Timestamp now) const;

  const ForwarderConfig config_;
  const SourceView& source_;
  const HeaderTemplate header_;
  std::unique_ptr<const HeaderTemplate> rtx_header_;  // nullptr without RTX.
  std::unique_ptr<Video> video_;                      // nullptr for audio.
  Renumbering sequences_;
  TimestampMunger timestamps_;
  RetransmissionMap sent_;
  NackResponder nacks_;
  ReportSchedule reports_;
  uint16_t next_rtx_sequence_;

  // The source being sent, or the last one that was.
  rtp::Ssrc source_ssrc_{0};
  uint8_t source_layer_ = 0;
  int64_t source_highest_ = 0;
  bool paused_ = false;
  bool resuming_ = false;  // Nothing was sent since the last pause.
  bool source_muted_ = false;
  bool send_mid_;
  ForwarderCounters counters_;
};

}  // namespace sfu::forward
