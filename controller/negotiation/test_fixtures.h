#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "common/sdp/sdp_parser.h"
#include "common/sdp/session_description.h"
#include "controller/negotiation/negotiation_types.h"

// For this module's tests only.
namespace sfu::negotiation {

inline TransportOpened TestTransport(std::string_view ufrag = "server-ufrag") {
  TransportOpened opened;
  opened.mutable_local_ice()->set_ufrag(std::string(ufrag));
  opened.mutable_local_ice()->set_password("server-password-0123456789");
  opened.mutable_local_fingerprint()->set_algorithm("sha-256");
  opened.mutable_local_fingerprint()->set_value(std::string(32, '\xa5'));
  worker::v1::Candidate& candidate = *opened.add_candidates();
  candidate.set_foundation("1");
  candidate.set_ip("192.0.2.1");
  candidate.set_port(7882);
  candidate.set_priority(2130706431);
  return opened;
}

inline livekit::SessionDescription TestDescription(std::string_view type, std::string sdp,
                                                   uint32_t id = 1) {
  livekit::SessionDescription description;
  description.set_type(std::string(type));
  description.set_sdp(std::move(sdp));
  description.set_id(id);
  return description;
}

inline sdp::SessionDescription ParsedSdp(const livekit::SessionDescription& description) {
  absl::StatusOr<sdp::SessionDescription> parsed = sdp::Parse(description.sdp());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() ? *std::move(parsed) : sdp::SessionDescription();
}

// Track TR_<n> of participant PA_p, source handle 100 + n, sender handle n.
inline SentTrack TestTrack(uint64_t n, Codec codec, std::string fmtp = "") {
  SentTrack sent;
  sent.sender = n;
  sent.track = 100 + n;
  sent.track_sid = "TR_" + std::to_string(n);
  sent.participant_sid = "PA_p";
  sent.kind = KindOf(codec);
  sent.codecs = {{codec, std::move(fmtp)}};
  return sent;
}

inline std::vector<std::string> PayloadNames(const sdp::MediaSection& section) {
  std::vector<std::string> names;
  for (const sdp::PayloadType& payload_type : section.payload_types) {
    names.push_back(payload_type.name);
  }
  return names;
}

inline std::vector<int> PayloadNumbers(const sdp::MediaSection& section) {
  std::vector<int> numbers;
  for (const sdp::PayloadType& payload_type : section.payload_types) {
    numbers.push_back(payload_type.number);
  }
  return numbers;
}

inline std::vector<std::string> ExtensionUris(const sdp::MediaSection& section) {
  std::vector<std::string> uris;
  for (const sdp::HeaderExtension& extension : section.extensions) {
    uris.push_back(extension.uri);
  }
  return uris;
}

}  // namespace sfu::negotiation
