#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "tests/support/media_mark.h"
#include "worker/rtp/extension_map.h"
#include "worker/rtp/rtp_types.h"

namespace sfu {

// What a virtual client has to send: plain packets, to be protected by its peer.
struct MediaOutput {
  std::vector<std::vector<uint8_t>> rtp;
  std::vector<std::vector<uint8_t>> rtcp;
};

// One track as a browser sends it: audio of 50 packets a second, or VP8 video of 15 frames a second
// in one to three simulcast encodings with two temporal layers. Every payload bears a MediaMark.
//
// As libwebrtc does, it puts mid and rid on packets until a report says that the stream has been
// heard of, repeats video over RTX when asked to, and makes a key frame when asked to. Pure state.
class VirtualPublication {
 public:
  // What the answer settled.
  struct Format {
    std::string mid;
    rtp::PayloadType payload_type{0};
    std::optional<rtp::PayloadType> rtx_payload_type;
    rtp::ExtensionMap extensions;
    std::vector<std::string> rids;  // Low to high; empty for a single encoding.
  };

  VirtualPublication(uint32_t number, rtp::MediaKind kind, Random& random)
      : number_(number), kind_(kind), random_(random) {}

  // Begins to send. Later calls change nothing: the format of a track stays.
  void Start(Timestamp now, Format format);
  void Stop() { stopped_ = true; }
  void SetMuted(bool muted) { muted_ = muted; }

  // `wall` is the same instant as `now`.
  void HandleTimeout(Timestamp now, absl::Time wall, MediaOutput& output);
  Timestamp NextTimeout() const;

  // Feedback; what does not concern this track is ignored.
  void HandleNack(rtp::Ssrc media, rtp::SequenceNumber missing, MediaOutput& output);
  void HandleKeyframeRequest(rtp::Ssrc media);
  void HandleReport(rtp::Ssrc media);

  uint32_t number() const { return number_; }
  rtp::MediaKind kind() const { return kind_; }
  bool started() const { return format_.has_value(); }
  bool sending() const { return started() && !stopped_ && !muted_; }
  uint64_t keyframe_requests() const { return keyframe_requests_; }

 private:
  struct Sent {
    rtp::SequenceNumber sequence{0};
    std::vector<uint8_t> packet;
  };
  struct Encoding {
    rtp::Ssrc ssrc{0};
    rtp::Ssrc rtx_ssrc{0};
    uint16_t next_sequence = 0;
    uint16_t next_rtx_sequence = 0;
    uint32_t timestamp_offset = 0;
    uint32_t packets = 0;
    uint32_t octets = 0;
    uint16_t picture_id = 0;
    uint8_t tl0 = 0;
    bool heard_of = false;
    bool key_wanted = true;
    std::deque<Sent> history;  // The last kHistory packets.
  };

  static constexpr size_t kHistory = 300;

  Encoding* Find(rtp::Ssrc media);
  void SendFrame(Timestamp now, uint8_t layer, MediaOutput& output);
  void SendPacket(Timestamp now, uint8_t layer, bool marker, absl::Span<const uint8_t> payload,
                  MediaOutput& output);
  void SendReports(Timestamp now, absl::Time wall, MediaOutput& output);
  std::vector<uint8_t> Vp8Payload(const Encoding& encoding, const MediaMark& mark, size_t size);
  uint32_t RtpTime(Timestamp now, const Encoding& encoding) const;
  size_t WriteHeader(Timestamp now, uint8_t layer, bool is_rtx, bool marker,
                     absl::Span<uint8_t> out);

  const uint32_t number_;
  const rtp::MediaKind kind_;
  Random& random_;
  std::optional<Format> format_;
  std::vector<Encoding> encodings_;
  Timestamp started_at_ = Timestamp::Never();
  Timestamp next_frame_ = Timestamp::Never();
  Timestamp next_report_ = Timestamp::Never();
  uint32_t frame_ = 0;
  bool muted_ = false;
  bool stopped_ = false;
  uint64_t keyframe_requests_ = 0;
};

}  // namespace sfu
