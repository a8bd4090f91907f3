#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/sdp/sdp_parser.h"
#include "common/sdp/sdp_writer.h"
#include "common/sdp/session_description.h"
#include "proto/livekit/rtc.pb.h"

// For tests and fuzzing only.
namespace sfu::room {

// A client's half of offer and answer, as little of it as a server must see: opus and VP8.
class TestPeer {
 public:
  // Returns the section's mid.
  std::string AddData() {
    sections_.push_back({"application", "", ""});
    return std::to_string(sections_.size() - 1);
  }
  std::string AddMedia(std::string_view kind, std::string_view direction,
                       std::string_view track_id = "") {
    sections_.push_back({std::string(kind), std::string(direction), std::string(track_id)});
    return std::to_string(sections_.size() - 1);
  }
  void SetDirection(std::string_view mid, std::string_view direction) {
    sections_[std::stoul(std::string(mid))].direction = direction;
  }

  void RestartIce() { ++ice_generation_; }

  livekit::SessionDescription Offer(uint32_t id) const {
    std::string group = "a=group:BUNDLE";
    std::string body;
    for (size_t i = 0; i < sections_.size(); ++i) {
      group += " " + std::to_string(i);
      body += SectionText(sections_[i], std::to_string(i));
    }
    livekit::SessionDescription offer;
    offer.set_type("offer");
    offer.set_id(id);
    offer.set_sdp("v=0\r\no=- 42 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n" + group +
                  "\r\na=extmap-allow-mixed\r\na=msid-semantic: WMS *\r\n" + body);
    return offer;
  }

  // Accepts whatever is offered.
  static livekit::SessionDescription Answer(const livekit::SessionDescription& offer) {
    livekit::SessionDescription answer;
    answer.set_type("answer");
    answer.set_id(offer.id());
    absl::StatusOr<sdp::SessionDescription> description = sdp::Parse(offer.sdp());
    if (!description.ok()) {
      return answer;
    }
    description->ice_lite = false;
    description->transport = {};
    for (sdp::MediaSection& section : description->sections) {
      section.transport = {.ice_ufrag = "peer",
                           .ice_pwd = "peer-password-0123456789",
                           .ice_options = {},
                           .fingerprints = {{"sha-256", Fingerprint()}},
                           .setup = sdp::Setup::kActive};
      section.direction =
          sdp::Sends(section.direction) ? sdp::Direction::kRecvOnly : sdp::Direction::kInactive;
      section.msids.clear();
      section.ssrcs.clear();
      section.ssrc_groups.clear();
      section.candidates.clear();
    }
    answer.set_sdp(sdp::Write(*description));
    return answer;
  }

 private:
  struct Section {
    std::string kind;
    std::string direction;
    std::string track_id;
  };

  static std::string Fingerprint() {
    std::string text = "AB";
    for (int i = 1; i < 32; ++i) {
      text += ":AB";
    }
    return text;
  }

  std::string SectionText(const Section& section, const std::string& mid) const {
    const bool data = section.kind == "application";
    const bool video = section.kind == "video";
    std::string text = data    ? "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\n"
                       : video ? "m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\n"
                               : "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\n";
    text += "c=IN IP4 0.0.0.0\r\na=ice-ufrag:peer" + std::to_string(ice_generation_);
    text += "\r\na=ice-pwd:peer-password-0123456789\r\n";
    text += "a=fingerprint:sha-256 " + Fingerprint() + "\r\na=setup:actpass\r\na=mid:" + mid;
    text += "\r\n";
    if (data) {
      return text + "a=sctp-port:5000\r\na=max-message-size:262144\r\n";
    }
    text += "a=" + section.direction + "\r\na=rtcp-mux\r\na=rtcp-rsize\r\n";
    text += "a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid\r\n";
    if (!section.track_id.empty()) {
      text += "a=msid:stream " + section.track_id + "\r\n";
    }
    text += video ? "a=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack\r\na=rtcp-fb:96 nack pli\r\n"
                    "a=rtpmap:97 rtx/90000\r\na=fmtp:97 apt=96\r\n"
                  : "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 minptime=10;useinbandfec=1\r\n";
    return text;
  }

  std::vector<Section> sections_;
  int ice_generation_ = 0;
};

}  // namespace sfu::room
