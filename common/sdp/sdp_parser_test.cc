#include "common/sdp/sdp_parser.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sdp/sdp_writer.h"
#include "tests/support/sample_offer.h"

namespace sfu::sdp {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::SizeIs;

constexpr std::string_view kHead = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n";

SessionDescription ParseOrDie(std::string_view text) {
  absl::StatusOr<SessionDescription> description = Parse(text);
  EXPECT_TRUE(description.ok()) << description.status();
  return description.ok() ? *std::move(description) : SessionDescription();
}

std::string ErrorOf(const std::string& text) {
  const absl::StatusOr<SessionDescription> description = Parse(text);
  EXPECT_EQ(description.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(description.status().message());
}

std::vector<std::string> Samples() {
  return {
      ChromePublisherOffer(),
      FirefoxPublisherOffer(),
      UnifiedFirstOffer(),
      SampleOffer().AddVideo("v", "sendrecv", "cam", SampleOffer::Video::kSingle).Text(),
      SampleOffer().AddVideo("v", "sendonly", "cam", SampleOffer::Video::kSimGroup).Text(),
      SampleOffer().AddRejected("audio", "0").AddRejected("video", "1").AddData("2").Text(),
  };
}

TEST(SdpParserTest, ReadsChromePublisherOffer) {
  const SessionDescription offer = ParseOrDie(ChromePublisherOffer());

  EXPECT_EQ(offer.session_id, 4611731400430051336u);
  EXPECT_TRUE(offer.extmap_allow_mixed);
  EXPECT_THAT(offer.msid_semantic, Optional(std::string("WMS stream-1")));
  EXPECT_THAT(offer.bundle_groups, ElementsAre(ElementsAre("0", "1", "2")));
  ASSERT_THAT(offer.sections, SizeIs(3));

  const MediaSection& audio = offer.sections[0];
  EXPECT_EQ(audio.kind, MediaKind::kAudio);
  EXPECT_EQ(audio.direction, Direction::kSendOnly);
  EXPECT_EQ(audio.transport.ice_ufrag, "EsAw");
  EXPECT_EQ(audio.transport.setup, Setup::kActPass);
  EXPECT_THAT(audio.msids, ElementsAre(Msid{"stream-1", "microphone-1"}));
  EXPECT_TRUE(audio.rtcp_mux);
  EXPECT_THAT(audio.payload_types, SizeIs(8));
  EXPECT_EQ(audio.payload_types[0].name, "opus");
  EXPECT_EQ(audio.payload_types[0].clock_rate, 48000u);
  EXPECT_EQ(audio.payload_types[0].channels, 2u);
  EXPECT_THAT(audio.payload_types[0].feedback, ElementsAre("transport-cc", "nack"));
  EXPECT_TRUE(audio.payload_types[1].parameters.Has("111/111"));

  const MediaSection& video = offer.sections[1];
  EXPECT_THAT(video.extensions, SizeIs(12));
  EXPECT_THAT(video.rids, ElementsAre(Rid{"q", true, ""}, Rid{"h", true, ""}, Rid{"f", true, ""}));
  ASSERT_TRUE(video.simulcast);
  EXPECT_THAT(video.simulcast->send, SizeIs(3));

  const MediaSection& data = offer.sections[2];
  EXPECT_EQ(data.kind, MediaKind::kApplication);
  EXPECT_THAT(data.sctp_port, Optional(5000));
  EXPECT_THAT(data.max_message_size, Optional(262144u));
}

TEST(SdpParserTest, ReadsFirefoxOffer) {
  const SessionDescription offer = ParseOrDie(FirefoxPublisherOffer());

  ASSERT_THAT(offer.sections, SizeIs(3));
  ASSERT_THAT(offer.transport.fingerprints, SizeIs(1));
  EXPECT_THAT(offer.transport.fingerprints[0].value, HasSubstr("7B:8B:F0"));
  const MediaSection& audio = offer.sections[1];
  EXPECT_EQ(audio.port, 0);
  EXPECT_FALSE(audio.rejected());  // Port 0 and bundle-only.
  EXPECT_EQ(audio.extensions[1].direction, Direction::kRecvOnly);
  EXPECT_THAT(audio.msids, ElementsAre(Msid{"-", "{6d3a0e0e-8a3b-4f4e-9a3c-3b6f5f0c6a11}"}));
  EXPECT_EQ(EffectiveTransport(offer, audio).fingerprints, offer.transport.fingerprints);
  EXPECT_EQ(EffectiveTransport(offer, audio).ice_ufrag, "0b7c3c6a");
}

TEST(SdpParserTest, ReadsSsrcGroups) {
  const SessionDescription offer = ParseOrDie(
      SampleOffer().AddVideo("0", "sendonly", "cam", SampleOffer::Video::kSimGroup).Text());

  const MediaSection& video = offer.sections.at(0);
  ASSERT_THAT(video.ssrc_groups, SizeIs(4));
  EXPECT_EQ(video.ssrc_groups[0].semantics, "SIM");
  EXPECT_THAT(video.ssrc_groups[0].ssrcs, ElementsAre(1001, 1002, 1003));
  ASSERT_THAT(video.ssrcs, SizeIs(6));
  EXPECT_EQ(video.ssrcs[0].cname, "5Zr2oWKD");
  EXPECT_THAT(video.ssrcs[0].msid, Optional(Msid{"stream-1", "cam"}));
}

TEST(SdpParserTest, TellsRejectedSections) {
  const SessionDescription offer =
      ParseOrDie(SampleOffer().AddRejected("video", "0").AddData("1").Text());

  EXPECT_TRUE(offer.sections.at(0).rejected());
  EXPECT_FALSE(offer.sections.at(1).rejected());
}

TEST(SdpParserTest, AppliesSessionLevelDirectionAndWildcardFeedback) {
  const SessionDescription description =
      ParseOrDie(std::string(kHead) +
                 "a=recvonly\r\nm=video 9 UDP/TLS/RTP/SAVPF 96 97\r\na=rtcp-fb:* nack\r\n"
                 "a=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\na=rtcp-fb:96 nack pli\r\n");

  const MediaSection& video = description.sections.at(0);
  EXPECT_EQ(video.direction, Direction::kRecvOnly);
  EXPECT_THAT(video.payload_types[0].feedback, ElementsAre("nack pli", "nack"));
  EXPECT_THAT(video.payload_types[1].feedback, IsEmpty());
}

TEST(SdpParserTest, ReadsOldAndPausedSimulcastForms) {
  const SessionDescription description =
      ParseOrDie(std::string(kHead) +
                 "m=video 9 X 96\r\na=simulcast: send rid=q,x;~h recv a\r\nm=video 9 X 96\r\n");

  const Simulcast& simulcast = *description.sections.at(0).simulcast;
  EXPECT_THAT(simulcast.send, ElementsAre(SimulcastStream{"q", false}, SimulcastStream{"h", true}));
  EXPECT_THAT(simulcast.recv, ElementsAre(SimulcastStream{"a", false}));
  EXPECT_FALSE(description.sections.at(1).simulcast);
}

TEST(SdpParserTest, AcceptsLfAndSkipsWhatItDoesNotKnow) {
  const SessionDescription description = ParseOrDie(
      "v=0\no=- x y IN IP4 0.0.0.0\ns=-\nb=AS:3000\na=unknown:1\nz=0 0\n"
      "m=audio 9 UDP/TLS/RTP/SAVPF 0 111\na=what-is-this\na=fmtp:99 nowhere=1\n"
      "a=extmap:0 urn:zero\na=extmap:900 urn:big\na=extmap:3\na=rtpmap:111 opus\n"
      "a=ssrc:abc cname:x\na=setup:sideways\na=rid:x upwards\n\n");

  const MediaSection& audio = description.sections.at(0);
  EXPECT_EQ(audio.payload_types[0].name, "PCMU");  // A static payload type needs no rtpmap.
  EXPECT_EQ(audio.payload_types[1].name, "");
  EXPECT_THAT(audio.extensions, IsEmpty());
  EXPECT_THAT(audio.ssrcs, IsEmpty());
  EXPECT_THAT(audio.rids, IsEmpty());
  EXPECT_EQ(audio.transport.setup, std::nullopt);
}

TEST(SdpParserTest, NamesTheLineThatBreaksTheStructure) {
  const std::string head(kHead);
  EXPECT_EQ(ErrorOf(""), "SDP line 0: no version");
  EXPECT_EQ(ErrorOf("s=-\r\n"), "SDP line 1: version 0 expected");
  EXPECT_EQ(ErrorOf(head + "nonsense\r\n"), "SDP line 5: not of the form x=");
  EXPECT_EQ(ErrorOf(head + "m=audio\r\n"), "SDP line 5: malformed m= line");
  EXPECT_EQ(ErrorOf(head + "m=audio 70000 X 0\r\n"), "SDP line 5: malformed m= line");
  EXPECT_EQ(ErrorOf(head + "m=audio 9 X 128\r\n"), "SDP line 5: malformed payload type");
  EXPECT_EQ(ErrorOf(head + "m=audio 9 X 0\r\na=mid:a b\r\n"), "SDP line 6: malformed mid");
  EXPECT_EQ(ErrorOf(head + "m=audio 9 X 0\r\na=mid:a\r\nm=audio 9 X 0\r\na=mid:a\r\n"),
            "SDP line 8: section with the mid of another");
  EXPECT_EQ(ErrorOf(head + "a=x\x01y\r\n"), "SDP line 5: control character");
}

TEST(SdpParserTest, KeepsItsBounds) {
  std::string text(kHead);
  EXPECT_THAT(ErrorOf(text + std::string(kMaxTextBytes, '\n')), HasSubstr("too long"));

  std::string sections = text;
  for (size_t i = 0; i < kMaxSections; ++i) {
    sections += "m=audio 9 X 0\r\n";
  }
  EXPECT_THAT(ParseOrDie(sections).sections, SizeIs(kMaxSections));
  EXPECT_THAT(ErrorOf(sections + "m=audio 9 X 0\r\n"), HasSubstr("too many sections"));

  for (const std::string line :
       {"a=candidate:1 1 udp 1 192.0.2.1 9 typ host", "a=extmap:1 urn:x", "a=msid:a b",
        "a=rid:x send", "a=ssrc-group:FID 1 2", "a=fingerprint:sha-256 AA"}) {
    std::string many = text + "m=audio 9 X 0\r\n";
    for (size_t i = 0; i <= kMaxItemsPerSection; ++i) {
      many += line + "\r\n";
    }
    EXPECT_THAT(ErrorOf(many), HasSubstr("too many attributes")) << line;
  }
}

TEST(SdpParserTest, RoundTripsEverySample) {
  for (const std::string& sample : Samples()) {
    const SessionDescription first = ParseOrDie(sample);
    EXPECT_EQ(ParseOrDie(Write(first)), first) << sample;
  }
}

TEST(SdpParserTest, SurvivesEveryTruncation) {
  const std::string sample = FirefoxPublisherOffer();
  for (size_t length = 0; length < sample.size(); ++length) {
    const absl::StatusOr<SessionDescription> description = Parse(sample.substr(0, length));
    if (description.ok()) {
      EXPECT_EQ(ParseOrDie(Write(*description)), *description) << length;
    }
  }
}

}  // namespace
}  // namespace sfu::sdp
