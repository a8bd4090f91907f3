#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/sdp/format_parameters.h"

// SDP as data (RFC 8866), as far as WebRTC uses it (JSEP, RFC 9429). Plain values without
// invariants beyond those each comment states; sdp_parser makes them, sdp_writer prints them.
namespace sfu::sdp {

enum class MediaKind { kAudio, kVideo, kApplication, kOther };

enum class Direction { kInactive, kSendOnly, kRecvOnly, kSendRecv };

constexpr bool Sends(Direction direction) {
  return direction == Direction::kSendOnly || direction == Direction::kSendRecv;
}
constexpr bool Receives(Direction direction) {
  return direction == Direction::kRecvOnly || direction == Direction::kSendRecv;
}

enum class Setup { kActPass, kActive, kPassive, kHoldConn };  // RFC 4145 section 4.

struct Fingerprint {      // RFC 8122.
  std::string algorithm;  // Lower case: "sha-256".
  std::string value;      // Upper-case hex pairs with colons.
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

// Attributes that stand at session level, at a section, or at both (the section's win).
struct TransportAttributes {
  std::string ice_ufrag;
  std::string ice_pwd;
  std::vector<std::string> ice_options;
  std::vector<Fingerprint> fingerprints;
  std::optional<Setup> setup;
  friend bool operator==(const TransportAttributes&, const TransportAttributes&) = default;
};

// One payload type of a section: rtpmap, fmtp and rtcp-fb together.
struct PayloadType {
  uint8_t number = 0;       // 0 to 127.
  std::string name;         // As written ("opus", "VP8", "rtx"); empty when there was no rtpmap.
  uint32_t clock_rate = 0;  // Hz.
  uint32_t channels = 1;
  FormatParameters parameters;
  std::vector<std::string> feedback;  // "nack", "nack pli", "transport-cc"; wildcards applied.
  friend bool operator==(const PayloadType&, const PayloadType&) = default;
};

struct HeaderExtension {  // RFC 8285 section 5.
  uint16_t id = 0;
  std::string uri;
  std::optional<Direction> direction;
  friend bool operator==(const HeaderExtension&, const HeaderExtension&) = default;
};

struct Msid {  // RFC 8830. `stream` is "-" for none; `track` may be empty.
  std::string stream;
  std::string track;
  friend bool operator==(const Msid&, const Msid&) = default;
};

struct SsrcSource {  // The a=ssrc lines of one SSRC (RFC 5576).
  uint32_t ssrc = 0;
  std::string cname;
  std::optional<Msid> msid;
  friend bool operator==(const SsrcSource&, const SsrcSource&) = default;
};

struct SsrcGroup {
  std::string semantics;  // "FID", "SIM".
  std::vector<uint32_t> ssrcs;
  friend bool operator==(const SsrcGroup&, const SsrcGroup&) = default;
};

struct Rid {  // RFC 8851.
  std::string id;
  bool send = true;
  std::string restrictions;
  friend bool operator==(const Rid&, const Rid&) = default;
};

// RFC 8853. Each element is one stream; of alternatives (',') only the first is kept.
struct SimulcastStream {
  std::string rid;
  bool paused = false;
  friend bool operator==(const SimulcastStream&, const SimulcastStream&) = default;
};
struct Simulcast {
  std::vector<SimulcastStream> send;
  std::vector<SimulcastStream> recv;
  friend bool operator==(const Simulcast&, const Simulcast&) = default;
};

struct MediaSection {
  MediaKind kind = MediaKind::kOther;
  std::string media;  // The word of the m= line; written for kOther, else follows `kind`.
  uint16_t port = 9;
  std::string protocol;  // "UDP/TLS/RTP/SAVPF", "UDP/DTLS/SCTP".
  std::string mid;
  Direction direction = Direction::kSendRecv;
  bool bundle_only = false;
  TransportAttributes transport;
  bool rtcp_mux = false;
  bool rtcp_rsize = false;
  bool extmap_allow_mixed = false;

  // Media sections: in the m= line's order, most preferred first.
  std::vector<PayloadType> payload_types;
  std::vector<HeaderExtension> extensions;
  std::vector<Msid> msids;
  std::vector<SsrcSource> ssrcs;
  std::vector<SsrcGroup> ssrc_groups;
  std::vector<Rid> rids;
  std::optional<Simulcast> simulcast;

  // Data sections (RFC 8841).
  std::vector<std::string> formats;  // "webrtc-datachannel"; of RTP sections the parser keeps none.
  std::optional<uint16_t> sctp_port;
  std::optional<uint64_t> max_message_size;

  std::vector<std::string> candidates;  // "candidate:..." without "a=", not interpreted.
  bool end_of_candidates = false;

  // Port 0 means "no", except on a section that shares the bundle's port from the start
  // (RFC 9143 section 6).
  bool rejected() const { return port == 0 && !bundle_only; }
  bool is_media() const { return kind == MediaKind::kAudio || kind == MediaKind::kVideo; }

  friend bool operator==(const MediaSection&, const MediaSection&) = default;
};

struct SessionDescription {
  std::string origin_username = "-";
  uint64_t session_id = 0;
  uint64_t session_version = 0;
  bool ice_lite = false;
  bool extmap_allow_mixed = false;
  std::optional<std::string> msid_semantic;             // "WMS *".
  std::vector<std::vector<std::string>> bundle_groups;  // Mids; the first group is the one we use.
  TransportAttributes transport;
  std::vector<MediaSection> sections;

  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

// What holds for a section after the session level has filled the gaps. The credentials are taken
// as a pair, so that a section's ufrag never meets the session's password.
inline TransportAttributes EffectiveTransport(const SessionDescription& description,
                                              const MediaSection& section) {
  TransportAttributes result = section.transport;
  const TransportAttributes& session = description.transport;
  if (result.ice_ufrag.empty() && result.ice_pwd.empty()) {
    result.ice_ufrag = session.ice_ufrag;
    result.ice_pwd = session.ice_pwd;
  }
  if (result.ice_options.empty()) {
    result.ice_options = session.ice_options;
  }
  if (result.fingerprints.empty()) {
    result.fingerprints = session.fingerprints;
  }
  if (!result.setup) {
    result.setup = session.setup;
  }
  return result;
}

}  // namespace sfu::sdp
