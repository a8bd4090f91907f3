#include "controller/negotiation/publisher_negotiation.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/negotiation/test_fixtures.h"
#include "tests/support/sample_offer.h"
#include "tests/support/seeded_random.h"

namespace sfu::negotiation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using worker::v1::CODEC_H264;
using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_RED;
using worker::v1::CODEC_VP8;
using worker::v1::CODEC_VP9;

constexpr char kTransportCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";
constexpr char kAbsSendTime[] = "http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time";

class PublisherNegotiationTest : public testing::Test {
 protected:
  OfferSummary Offer(const std::string& text, uint32_t id = 1) {
    absl::StatusOr<OfferSummary> summary =
        negotiation_.HandleOffer(TestDescription("offer", text, id));
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.ok() ? *std::move(summary) : OfferSummary();
  }
  sdp::SessionDescription Answer(const Assignments& assignments = {}) {
    answer_ = negotiation_.BuildAnswer(assignments, TestTransport());
    return ParsedSdp(answer_.description);
  }
  absl::Status Refused(const std::string& text) {
    return negotiation_.HandleOffer(TestDescription("offer", text)).status();
  }

  static PublishedTrack Track(uint64_t track) {
    PublishedTrack published;
    published.track = track;
    return published;
  }

  SeededRandom random_{1};
  NegotiationOptions options_;
  PublisherNegotiation negotiation_{options_, random_};
  PublisherNegotiation::Answer answer_;
};

TEST_F(PublisherNegotiationTest, DescribesWhatTheClientPublishes) {
  const OfferSummary summary = Offer(ChromePublisherOffer(), 4);

  EXPECT_EQ(summary.id, 4u);
  EXPECT_TRUE(summary.has_data_section);
  EXPECT_FALSE(summary.ice_restarted);
  ASSERT_THAT(summary.sending, SizeIs(2));
  EXPECT_EQ(summary.sending[0].mid, "0");
  EXPECT_EQ(summary.sending[0].kind, worker::v1::MEDIA_KIND_AUDIO);
  EXPECT_THAT(summary.sending[0].cids, ElementsAre("microphone-1"));
  EXPECT_EQ(summary.sending[0].stream_id, "stream-1");
  EXPECT_TRUE(summary.sending[0].started);
  EXPECT_THAT(summary.sending[0].codecs,
              ElementsAre(CODEC_OPUS, CODEC_RED, worker::v1::CODEC_PCMU, worker::v1::CODEC_PCMA));
  EXPECT_THAT(summary.sending[1].cids, ElementsAre("camera-1"));
  EXPECT_THAT(summary.sending[1].rids, ElementsAre("q", "h", "f"));
  EXPECT_THAT(summary.sending[1].codecs,
              ElementsAre(CODEC_VP8, CODEC_H264, worker::v1::CODEC_AV1, CODEC_VP9));
}

TEST_F(PublisherNegotiationTest, AnswersAsIceLiteDtlsServer) {
  Offer(ChromePublisherOffer());
  const sdp::SessionDescription answer = Answer();

  EXPECT_TRUE(answer.ice_lite);
  EXPECT_TRUE(answer.extmap_allow_mixed);
  EXPECT_THAT(answer.bundle_groups, ElementsAre(ElementsAre("0", "1", "2")));
  ASSERT_THAT(answer.transport.fingerprints, SizeIs(1));
  EXPECT_THAT(answer.transport.fingerprints[0].value, HasSubstr("A5:A5:A5"));
  for (const sdp::MediaSection& section : answer.sections) {
    EXPECT_EQ(section.port, 9);
    EXPECT_EQ(section.transport.setup, sdp::Setup::kPassive);
    EXPECT_EQ(section.transport.ice_ufrag, "server-ufrag");
    EXPECT_EQ(section.transport.ice_pwd, "server-password-0123456789");
  }
  EXPECT_THAT(answer.sections[0].candidates,
              ElementsAre("candidate:1 1 udp 2130706431 192.0.2.1 7882 typ host"));
  EXPECT_THAT(answer.sections[1].candidates, IsEmpty());
  EXPECT_EQ(answer.sections[0].direction, sdp::Direction::kRecvOnly);
  EXPECT_THAT(answer.sections[0].msids, IsEmpty());
  EXPECT_THAT(answer.sections[0].ssrcs, IsEmpty());
}

TEST_F(PublisherNegotiationTest, TakesTheActiveRoleOnlyFromAPassiveClient) {
  Offer(SampleOffer().Setup("passive").AddData("0").Text());

  EXPECT_EQ(Answer().sections[0].transport.setup, sdp::Setup::kActive);
  EXPECT_TRUE(answer_.transport.peer_is_dtls_server());
}

TEST_F(PublisherNegotiationTest, TellsTheWorkerAboutTheClientsTransport) {
  options_.transport = 42;
  PublisherNegotiation negotiation(options_, random_);
  ASSERT_TRUE(negotiation.HandleOffer(TestDescription("offer", ChromePublisherOffer())).ok());
  const auto answer = negotiation.BuildAnswer({}, TestTransport());

  EXPECT_EQ(answer.transport.transport(), 42u);
  EXPECT_EQ(answer.receivers.transport(), 42u);
  EXPECT_EQ(answer.transport.remote_ice().ufrag(), "EsAw");
  ASSERT_EQ(answer.transport.remote_fingerprints_size(), 1);
  EXPECT_EQ(answer.transport.remote_fingerprints(0).value().substr(0, 3), "\xD2\xFA\x0E");
  EXPECT_FALSE(answer.transport.peer_is_dtls_server());
  EXPECT_EQ(answer.transport.remote_max_message_size(), 262144u);
}

TEST_F(PublisherNegotiationTest, AcceptsSimulcastInTheOfferedOrder) {
  Offer(ChromePublisherOffer());
  const sdp::MediaSection video = Answer().sections[1];

  EXPECT_THAT(video.rids, ElementsAre(sdp::Rid{"q", false, ""}, sdp::Rid{"h", false, ""},
                                      sdp::Rid{"f", false, ""}));
  ASSERT_TRUE(video.simulcast);
  EXPECT_THAT(
      video.simulcast->recv,
      ElementsAre(sdp::SimulcastStream{"q"}, sdp::SimulcastStream{"h"}, sdp::SimulcastStream{"f"}));
  const worker::v1::Receiver& receiver = answer_.receivers.receivers(1);
  ASSERT_EQ(receiver.encodings_size(), 3);
  EXPECT_EQ(receiver.encodings(0).rid(), "q");
  EXPECT_EQ(receiver.encodings(2).rid(), "f");
}

TEST_F(PublisherNegotiationTest, ReadsEncodingsFromSsrcGroups) {
  Offer(SampleOffer()
            .AddVideo("0", "sendonly", "a", SampleOffer::Video::kSimGroup)
            .AddVideo("1", "sendonly", "b", SampleOffer::Video::kSingle)
            .Text());
  const sdp::SessionDescription answer = Answer();

  EXPECT_FALSE(answer.sections[0].simulcast);
  const worker::v1::Receiver& simulcast = answer_.receivers.receivers(0);
  ASSERT_EQ(simulcast.encodings_size(), 3);
  EXPECT_EQ(simulcast.encodings(1).ssrc(), 1002u);
  EXPECT_EQ(simulcast.encodings(1).rtx_ssrc(), 2002u);
  const worker::v1::Receiver& single = answer_.receivers.receivers(1);
  ASSERT_EQ(single.encodings_size(), 1);
  EXPECT_EQ(single.encodings(0).ssrc(), 1001u);
  EXPECT_EQ(single.encodings(0).rtx_ssrc(), 2001u);
}

TEST_F(PublisherNegotiationTest, NamesUnknownEncodingsByMidAlone) {
  Offer(ChromePublisherOffer());
  Answer();

  const worker::v1::Receiver& audio = answer_.receivers.receivers(0);
  ASSERT_EQ(audio.encodings_size(), 1);
  EXPECT_EQ(audio.encodings(0).ssrc(), 0u);
}

TEST_F(PublisherNegotiationTest, KeepsTheOfferersPayloadTypesAndDropsWhatWeDoNotKnow) {
  Offer(ChromePublisherOffer());
  const sdp::SessionDescription answer = Answer();

  EXPECT_THAT(PayloadNumbers(answer.sections[0]), ElementsAre(111, 63, 0, 8));
  // Baseline H264, VP9 profile 2, RED and FEC of video are left out.
  EXPECT_THAT(PayloadNumbers(answer.sections[1]),
              ElementsAre(96, 97, 109, 114, 115, 116, 45, 46, 98, 99, 119, 120));
  const worker::v1::PayloadFormat& vp8 = answer_.receivers.receivers(1).formats(0);
  EXPECT_EQ(vp8.codec(), CODEC_VP8);
  EXPECT_EQ(vp8.payload_type(), 96u);
  EXPECT_EQ(vp8.rtx_payload_type(), 97u);
  EXPECT_TRUE(vp8.nack() && vp8.pli() && vp8.fir() && vp8.transport_cc());
}

TEST_F(PublisherNegotiationTest, PutsThePublishedCodecFirst) {
  Offer(ChromePublisherOffer());
  PublishedTrack track = Track(7);
  track.preferred_codec = CODEC_VP9;

  EXPECT_THAT(PayloadNumbers(Answer({{"1", track}}).sections[1]),
              ElementsAre(98, 99, 96, 97, 109, 114, 115, 116, 45, 46, 119, 120));
}

TEST_F(PublisherNegotiationTest, NamesOnlyThePublishedCodecWhereOrderIsIgnored) {
  options_.answer_only_preferred_codec = true;
  PublisherNegotiation negotiation(options_, random_);
  ASSERT_TRUE(negotiation.HandleOffer(TestDescription("offer", ChromePublisherOffer())).ok());
  PublishedTrack track = Track(7);
  track.preferred_codec = CODEC_H264;
  const auto answer = negotiation.BuildAnswer({{"0", Track(6)}, {"1", track}}, TestTransport());

  const sdp::SessionDescription parsed = ParsedSdp(answer.description);
  EXPECT_THAT(PayloadNumbers(parsed.sections[1]), ElementsAre(109, 114, 115, 116, 119, 120));
  EXPECT_THAT(PayloadNumbers(parsed.sections[0]), ElementsAre(63, 111, 0, 8));
}

TEST_F(PublisherNegotiationTest, RewritesOpusForTheTrack) {
  Offer(ChromePublisherOffer());
  PublishedTrack track = Track(7);
  const auto opus = [&] { return Answer({{"0", track}}).sections[0].payload_types; };

  EXPECT_EQ(opus()[1].parameters.ToText(), "minptime=10;useinbandfec=1;usedtx=1");
  track.dtx = false;
  track.stereo = true;
  EXPECT_EQ(opus()[1].parameters.ToText(),
            "minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=510000");
  EXPECT_EQ(answer_.receivers.receivers(0).formats(1).fmtp(),
            "minptime=10;useinbandfec=1;stereo=1;maxaveragebitrate=510000");
}

TEST_F(PublisherNegotiationTest, PutsRedFirstUnlessTheTrackDisablesIt) {
  Offer(ChromePublisherOffer());
  PublishedTrack track = Track(7);
  EXPECT_THAT(PayloadNames(Answer({{"0", track}}).sections[0]),
              ElementsAre("red", "opus", "PCMU", "PCMA"));

  track.red = false;
  EXPECT_THAT(PayloadNames(Answer({{"0", track}}).sections[0]),
              ElementsAre("opus", "PCMU", "PCMA"));
}

TEST_F(PublisherNegotiationTest, AnswersOnlyExtensionsAndFeedbackItUses) {
  Offer(ChromePublisherOffer());
  const sdp::SessionDescription answer = Answer();

  EXPECT_THAT(ExtensionUris(answer.sections[0]),
              ElementsAre("urn:ietf:params:rtp-hdrext:ssrc-audio-level",
                          "urn:ietf:params:rtp-hdrext:sdes:mid"));
  EXPECT_THAT(answer.sections[0].payload_types[0].feedback, ElementsAre("nack"));
  EXPECT_THAT(ExtensionUris(answer.sections[1]), Contains(kTransportCc));
  EXPECT_THAT(ExtensionUris(answer.sections[1]), Not(Contains(kAbsSendTime)));
  EXPECT_THAT(ExtensionUris(answer.sections[1]), SizeIs(8));
  EXPECT_THAT(answer.sections[1].payload_types[0].feedback,
              ElementsAre("transport-cc", "ccm fir", "nack", "nack pli"));
  EXPECT_EQ(answer_.receivers.receivers(1).extensions_size(), 8);
  EXPECT_EQ(answer.sections[1].extensions[1].id, 3);  // Transport-wide; the offerer's number.
}

TEST_F(PublisherNegotiationTest, AnswersTheDataSection) {
  Offer(ChromePublisherOffer());
  const sdp::MediaSection data = Answer().sections[2];

  EXPECT_EQ(data.kind, sdp::MediaKind::kApplication);
  EXPECT_EQ(data.sctp_port, 5000);
  EXPECT_EQ(data.max_message_size, 65535u);
}

TEST_F(PublisherNegotiationTest, AnswersFirefox) {
  const OfferSummary summary = Offer(FirefoxPublisherOffer());
  const sdp::SessionDescription answer = Answer({{"2", Track(9)}});

  EXPECT_THAT(summary.sending[0].cids, ElementsAre("{6d3a0e0e-8a3b-4f4e-9a3c-3b6f5f0c6a11}"));
  EXPECT_EQ(summary.sending[0].stream_id, "");
  EXPECT_THAT(answer.bundle_groups, ElementsAre(ElementsAre("0", "1", "2")));
  EXPECT_EQ(answer.sections[1].port, 9);
  EXPECT_THAT(PayloadNumbers(answer.sections[2]), ElementsAre(120, 124, 126, 127, 97, 98));
  EXPECT_EQ(answer_.receivers.receivers(1).track(), 9u);
  EXPECT_EQ(answer_.receivers.receivers(0).track(), 0u);
}

TEST_F(PublisherNegotiationTest, Trap14_ParkedSectionsAreAnsweredAndMappedLater) {
  Offer(ChromePublisherOffer());
  const sdp::SessionDescription answer = Answer();

  EXPECT_EQ(answer.sections[1].direction, sdp::Direction::kRecvOnly);
  ASSERT_EQ(answer_.receivers.receivers_size(), 2);
  EXPECT_EQ(answer_.receivers.receivers(1).track(), 0u);

  PublishedTrack camera = Track(7);
  camera.counts_as_speaker = true;
  const ConfigureReceivers later = negotiation_.Receivers({{"1", camera}});
  ASSERT_EQ(later.receivers_size(), 2);
  EXPECT_EQ(later.receivers(0).track(), 0u);
  EXPECT_EQ(later.receivers(1).track(), 7u);
  EXPECT_TRUE(later.receivers(1).counts_as_speaker());
  EXPECT_EQ(later.receivers(1).formats_size(), answer_.receivers.receivers(1).formats_size());
}

TEST_F(PublisherNegotiationTest, Trap15_OffersEveryNameATrackMayGoBy) {
  std::string text =
      SampleOffer().AddVideo("0", "sendonly", "renamed", SampleOffer::Video::kSingle).Text();
  text += "a=ssrc:1001 msid:stream-1 original\r\na=msid:only-token\r\n";

  EXPECT_THAT(Offer(text).sending.at(0).cids, ElementsAre("renamed", "only-token", "original"));
}

TEST_F(PublisherNegotiationTest, Trap16_ReportsSectionsThatCeaseToSend) {
  Offer(ChromePublisherOffer());
  Answer({{"0", Track(6)}, {"1", Track(7)}});

  const OfferSummary summary = Offer(
      SampleOffer().AddAudio("0", "inactive").AddVideo("1", "recvonly").AddData("2").Text(), 2);
  EXPECT_THAT(summary.sending, IsEmpty());
  EXPECT_THAT(summary.ended_mids, ElementsAre("0", "1"));
  const sdp::SessionDescription answer = Answer();
  EXPECT_EQ(answer.sections[0].direction, sdp::Direction::kInactive);
  EXPECT_EQ(answer.sections[1].direction, sdp::Direction::kInactive);
  EXPECT_EQ(answer.sections[1].port, 9);
  EXPECT_EQ(answer_.receivers.receivers_size(), 0);

  const OfferSummary again = Offer(ChromePublisherOffer(), 3);
  EXPECT_TRUE(again.sending.at(0).started);
  EXPECT_THAT(again.ended_mids, IsEmpty());
}

TEST_F(PublisherNegotiationTest, Trap17_TellsWhenASectionCarriesAnotherTrack) {
  Offer(ChromePublisherOffer());
  const OfferSummary summary = Offer(SampleOffer()
                                         .AddAudio("0", "sendonly", "microphone-1")
                                         .AddVideo("1", "sendonly", "camera-2")
                                         .AddData("2")
                                         .Text());

  EXPECT_FALSE(summary.sending.at(0).cid_changed);
  EXPECT_TRUE(summary.sending.at(1).cid_changed);
  EXPECT_FALSE(summary.sending.at(1).started);
}

TEST_F(PublisherNegotiationTest, Trap18_TwoSectionsMayFeedOneTrack) {
  Offer(SampleOffer().AddVideo("0", "sendonly", "a").AddVideo("1", "sendonly", "b").Text());
  PublishedTrack primary = Track(7);
  primary.preferred_codec = CODEC_VP9;
  PublishedTrack backup = Track(7);
  backup.preferred_codec = CODEC_VP8;
  Answer({{"0", primary}, {"1", backup}});

  EXPECT_EQ(answer_.receivers.receivers(0).track(), 7u);
  EXPECT_EQ(answer_.receivers.receivers(0).formats(0).codec(), CODEC_VP9);
  EXPECT_EQ(answer_.receivers.receivers(1).track(), 7u);
  EXPECT_EQ(answer_.receivers.receivers(1).formats(0).codec(), CODEC_VP8);
}

TEST_F(PublisherNegotiationTest, Trap22_AnswerHasTheOffersId) {
  Offer(ChromePublisherOffer(), 17);
  Answer();
  EXPECT_EQ(answer_.description.id(), 17u);
  EXPECT_EQ(answer_.description.type(), "answer");

  Offer(ChromePublisherOffer(), 0);  // Rust.
  Answer();
  EXPECT_EQ(answer_.description.id(), 0u);
}

TEST_F(PublisherNegotiationTest, SeesAnIceRestart) {
  Offer(ChromePublisherOffer());
  EXPECT_FALSE(Offer(ChromePublisherOffer()).ice_restarted);

  SampleOffer restarted;
  restarted.Ice("other", "another-password-of-22-chars")
      .AddAudio("0", "sendonly", "microphone-1")
      .AddVideo("1", "sendonly", "camera-1")
      .AddData("2");
  EXPECT_TRUE(Offer(restarted.Text()).ice_restarted);
}

TEST_F(PublisherNegotiationTest, RejectsSectionsWithoutACommonCodec) {
  options_.publish_codecs = CodecPreferences().Without({CODEC_VP8});
  PublisherNegotiation negotiation(options_, random_);
  const std::string text = SampleOffer().AddVp8Only("0", "sendonly").AddData("1").Text();
  const auto summary = negotiation.HandleOffer(TestDescription("offer", text));
  ASSERT_TRUE(summary.ok());
  EXPECT_THAT(summary->sending.at(0).codecs, IsEmpty());

  const auto answer = negotiation.BuildAnswer({}, TestTransport());
  const sdp::SessionDescription parsed = ParsedSdp(answer.description);
  EXPECT_EQ(parsed.sections.at(0).port, 0);
  EXPECT_EQ(parsed.sections.at(0).mid, "0");
  EXPECT_THAT(parsed.bundle_groups, ElementsAre(ElementsAre("1")));
  EXPECT_THAT(parsed.sections.at(1).candidates, SizeIs(1));
  EXPECT_EQ(answer.receivers.receivers_size(), 0);
}

TEST_F(PublisherNegotiationTest, KeepsRejectedLinesInPlace) {
  Offer(SampleOffer().AddRejected("audio", "0").AddVideo("1", "sendonly", "cam").Text());
  const sdp::SessionDescription answer = Answer();

  ASSERT_THAT(answer.sections, SizeIs(2));
  EXPECT_EQ(answer.sections[0].port, 0);
  EXPECT_EQ(answer.sections[0].transport.ice_ufrag, "");
  EXPECT_EQ(answer.sections[1].mid, "1");
}

TEST_F(PublisherNegotiationTest, RejectsWhatIsOutsideTheBundle) {
  std::string text = SampleOffer().AddAudio("0", "sendonly", "a").AddData("1").Text();
  text.replace(text.find("BUNDLE 0 1"), 10, "BUNDLE 0");
  Offer(text);

  const sdp::SessionDescription answer = Answer();
  EXPECT_EQ(answer.sections[1].port, 0);
  EXPECT_THAT(answer.bundle_groups, ElementsAre(ElementsAre("0")));
}

TEST_F(PublisherNegotiationTest, RefusesUnusableOffersAndStaysAsItWas) {
  Offer(ChromePublisherOffer(), 5);

  EXPECT_THAT(Refused("garbage").message(), HasSubstr("line 1"));
  EXPECT_THAT(Refused(SampleOffer().AddData("0").Text()).message(), HasSubstr("fewer sections"));
  EXPECT_THAT(
      Refused(SampleOffer().AddVideo("1", "sendonly").AddAudio("0", "sendonly").AddData("2").Text())
          .message(),
      HasSubstr("place of another"));
  EXPECT_FALSE(negotiation_.HandleOffer(TestDescription("answer", ChromePublisherOffer())).ok());

  EXPECT_TRUE(negotiation_.has_unanswered_offer());
  Answer();
  EXPECT_EQ(answer_.description.id(), 5u);
  EXPECT_FALSE(negotiation_.has_unanswered_offer());
}

TEST_F(PublisherNegotiationTest, RefusesOffersWithoutSecurityParameters) {
  EXPECT_THAT(Refused(SampleOffer().Ice("", "").AddData("0").Text()).message(),
              HasSubstr("ICE credentials"));
  std::string weak = SampleOffer().AddData("0").Text();
  weak.replace(weak.find("sha-256"), 7, "sha-1");
  EXPECT_THAT(Refused(weak).message(), HasSubstr("fingerprint"));
  EXPECT_THAT(Refused("v=0\r\n").message(), HasSubstr("usable section"));
  EXPECT_THAT(Refused(SampleOffer().AddData("0").AddData("1").Text()).message(),
              HasSubstr("several data sections"));
}

}  // namespace
}  // namespace sfu::negotiation
