#include "common/sdp/sdp_writer.h"

#include <gtest/gtest.h>

namespace sfu::sdp {
namespace {

TEST(SdpWriterTest, WritesSectionAttributesInAFixedOrder) {
  SessionDescription description;
  description.session_id = 7;
  description.session_version = 2;
  description.ice_lite = true;
  description.bundle_groups = {{"a"}};
  description.transport.fingerprints = {{"sha-256", "AB:CD"}};
  MediaSection& video = description.sections.emplace_back();
  video.kind = MediaKind::kVideo;
  video.protocol = "UDP/TLS/RTP/SAVPF";
  video.mid = "a";
  video.direction = Direction::kRecvOnly;
  video.transport.ice_ufrag = "ufrag";
  video.transport.setup = Setup::kPassive;
  video.rtcp_mux = true;
  PayloadType vp8;
  vp8.number = 96;
  vp8.name = "VP8";
  vp8.clock_rate = 90000;
  vp8.feedback = {"nack pli"};
  video.payload_types = {vp8};
  video.extensions = {{4, "urn:x", std::nullopt}};
  video.rids = {{"q", false, ""}};
  video.simulcast = Simulcast{{}, {{"q", false}}};

  EXPECT_EQ(Write(description),
            "v=0\r\no=- 7 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE a\r\na=ice-lite\r\n"
            "a=fingerprint:sha-256 AB:CD\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\n"
            "c=IN IP4 0.0.0.0\r\na=mid:a\r\na=recvonly\r\na=ice-ufrag:ufrag\r\na=setup:passive\r\n"
            "a=rtcp-mux\r\na=rtpmap:96 VP8/90000\r\na=rtcp-fb:96 nack pli\r\n"
            "a=extmap:4 urn:x\r\na=rid:q recv\r\na=simulcast:recv q\r\n");
}

TEST(SdpWriterTest, AlwaysNamesAFormat) {
  SessionDescription description;
  MediaSection& rejected = description.sections.emplace_back();
  rejected.kind = MediaKind::kAudio;
  rejected.protocol = "UDP/TLS/RTP/SAVPF";
  rejected.port = 0;

  EXPECT_NE(Write(description).find("m=audio 0 UDP/TLS/RTP/SAVPF 0\r\n"), std::string::npos);
}

}  // namespace
}  // namespace sfu::sdp
