#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <absl/time/time.h>

#include "common/base/sequence_unwrapper.h"
#include "common/time/timestamp.h"
#include "tests/support/media_mark.h"
#include "tests/support/virtual_publication.h"
#include "worker/rtcp/report_block.h"
#include "worker/rtp/rtp_packet_view.h"
#include "worker/rtp/rtp_types.h"

namespace sfu {

// One track as a virtual client receives it, under one SSRC: remembers every packet, asks for those
// that are missing, for a key frame when it has none to begin with or gives up on a packet, and
// reports. Judges afterwards whether what it got was a stream that a decoder could have believed.
// Pure state.
class VirtualReception {
 public:
  struct Format {
    std::string track_sid;
    std::string mid;
    rtp::MediaKind kind = rtp::MediaKind::kAudio;
    rtp::Ssrc ssrc{0};
    std::optional<rtp::Ssrc> rtx_ssrc;
    std::map<rtp::PayloadType, rtp::PayloadType> original_of_rtx;
  };
  struct Received {
    MediaMark mark;
    int64_t timestamp = 0;  // Unwrapped.
    uint16_t sequence = 0;
    Timestamp at = Timestamp::Never();
  };

  VirtualReception(Timestamp now, Format format);

  // What the packet was; nullopt for padding, and for what has come before.
  std::optional<MediaMark> HandleRtp(Timestamp now, const rtp::RtpPacketView& packet);
  std::optional<MediaMark> HandleRtx(Timestamp now, const rtp::RtpPacketView& packet);
  void HandleSenderReport(Timestamp now, uint64_t ntp);

  // What is due of NACK and PLI.
  void AppendFeedback(Timestamp now, rtp::Ssrc sender, MediaOutput& output);
  rtcp::ReportBlock Report(Timestamp now) const;
  void WantKeyframe(Timestamp now);

  // The description names it no longer.
  void End() { ended_ = true; }
  bool ended() const { return ended_; }

  const Format& format() const { return format_; }
  const std::map<int64_t, Received>& packets() const { return packets_; }  // By sequence.
  uint64_t repaired() const { return repaired_; }
  // Since when a key frame is wanted and has not come.
  std::optional<Timestamp> keyframe_wanted_since() const { return keyframe_wanted_since_; }

  // Breaches of what every stream must keep; of a lossless network more can be demanded. Empty is
  // good.
  std::vector<std::string> Check(bool lossless) const;

 private:
  struct Missing {
    Timestamp next_request = Timestamp::Never();
    int requests = 0;
  };

  std::optional<MediaMark> Take(Timestamp now, rtp::SequenceNumber number,
                                const rtp::RtpPacketView& packet,
                                absl::Span<const uint8_t> payload);
  void NoteGap(Timestamp now, int64_t sequence);
  void CheckPair(const Received& before, int64_t gap, const Received& after, bool lossless,
                 std::vector<std::string>& breaches) const;
  void CheckTimes(bool lossless, std::vector<std::string>& breaches) const;

  const Format format_;
  SequenceUnwrapper<uint16_t> sequences_;
  SequenceUnwrapper<uint32_t> timestamps_;
  std::map<int64_t, Received> packets_;
  std::map<int64_t, Missing> missing_;  // At most kMaxMissing.
  std::optional<int64_t> highest_;
  std::optional<Timestamp> keyframe_wanted_since_;
  Timestamp next_keyframe_request_ = Timestamp::Never();
  uint32_t last_report_ = 0;  // Compact NTP.
  Timestamp last_report_at_ = Timestamp::Never();
  uint64_t repaired_ = 0;
  bool ended_ = false;
  std::vector<std::string> breaches_;  // Seen while receiving.
};

}  // namespace sfu
