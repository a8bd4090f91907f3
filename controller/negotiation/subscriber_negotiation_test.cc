#include "controller/negotiation/subscriber_negotiation.h"

#include <set>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/sdp/sdp_writer.h"
#include "controller/negotiation/test_fixtures.h"
#include "tests/support/seeded_random.h"

namespace sfu::negotiation {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Ge;
using testing::IsEmpty;
using testing::Le;
using testing::Not;
using testing::SizeIs;
using worker::v1::CODEC_H264;
using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_RED;
using worker::v1::CODEC_VP8;

constexpr char kTransportCc[] =
    "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01";

// What a browser answers: everything offered, as the DTLS client.
sdp::SessionDescription BrowserAnswer(const livekit::SessionDescription& offer) {
  sdp::SessionDescription answer = ParsedSdp(offer);
  answer.ice_lite = false;
  answer.transport.fingerprints = {
      {"sha-256",
       "D2:FA:0E:C3:22:59:5E:14:95:69:92:3D:13:B4:84:24:2C:C2:A2:C0:3E:FD:34:8E:5E:EA:6F:AF:52:CE:"
       "E6:0F"}};
  for (sdp::MediaSection& section : answer.sections) {
    section.transport.ice_ufrag = "EsAw";
    section.transport.ice_pwd = "P2uYro0UCOQ4zxjKXaWCBui1";
    section.transport.setup = sdp::Setup::kActive;
    section.direction = section.direction == sdp::Direction::kSendRecv ? sdp::Direction::kRecvOnly
                                                                       : sdp::Direction::kInactive;
    section.msids.clear();
    section.ssrcs.clear();
    section.ssrc_groups.clear();
    section.candidates.clear();
  }
  return answer;
}

class SubscriberNegotiationTest : public testing::Test {
 protected:
  explicit SubscriberNegotiationTest(const NegotiationOptions& options = {})
      : negotiation_(options, random_) {}

  sdp::SessionDescription Offer() {
    EXPECT_TRUE(negotiation_.NeedsOffer());
    offer_ = negotiation_.CreateOffer(TestTransport());
    return ParsedSdp(offer_);
  }
  absl::StatusOr<SubscriberNegotiation::Answer> TryAnswer(const sdp::SessionDescription& answer,
                                                          uint32_t id) {
    return negotiation_.HandleAnswer(TestDescription("answer", sdp::Write(answer), id));
  }
  SubscriberNegotiation::Answer Answer(const sdp::SessionDescription& answer) {
    auto result = TryAnswer(answer, offer_.id());
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? *std::move(result) : SubscriberNegotiation::Answer();
  }
  SubscriberNegotiation::Answer Answer() { return Answer(BrowserAnswer(offer_)); }

  SeededRandom random_{2};
  SubscriberNegotiation negotiation_;
  livekit::SessionDescription offer_;
};

TEST_F(SubscriberNegotiationTest, Trap27_FirstOfferHasADataSectionAndNeedsNoTrack) {
  const sdp::SessionDescription offer = Offer();

  EXPECT_EQ(offer_.type(), "offer");
  EXPECT_THAT(offer_.id(), AllOf(Ge(1u), Le(256u)));
  ASSERT_THAT(offer.sections, SizeIs(1));
  EXPECT_EQ(offer.sections[0].kind, sdp::MediaKind::kApplication);
  EXPECT_EQ(offer.sections[0].sctp_port, 5000);
  EXPECT_EQ(offer.sections[0].max_message_size, 65535u);
  EXPECT_EQ(offer.sections[0].transport.setup, sdp::Setup::kActPass);
  EXPECT_THAT(offer.sections[0].candidates, SizeIs(1));
  EXPECT_TRUE(offer.ice_lite);
  EXPECT_TRUE(offer.extmap_allow_mixed);
  EXPECT_THAT(offer.bundle_groups, ElementsAre(ElementsAre("0")));

  const auto answer = Answer();
  EXPECT_EQ(answer.transport.remote_ice().ufrag(), "EsAw");
  EXPECT_FALSE(answer.transport.peer_is_dtls_server());
  EXPECT_EQ(answer.transport.remote_max_message_size(), 65535u);
  EXPECT_FALSE(negotiation_.NeedsOffer());
}

TEST_F(SubscriberNegotiationTest, Trap20_MsidNamesParticipantAndTrack) {
  ASSERT_TRUE(negotiation_.AddSender(TestTrack(1, CODEC_VP8)));
  const sdp::MediaSection video = Offer().sections.at(1);

  const sdp::Msid msid{"PA_p|TR_1", "TR_1"};
  EXPECT_THAT(video.msids, ElementsAre(msid));
  ASSERT_THAT(video.ssrcs, SizeIs(2));
  EXPECT_EQ(video.ssrcs[0].cname, "PA_p|TR_1");
  EXPECT_EQ(video.ssrcs[0].msid, msid);
  ASSERT_THAT(video.ssrc_groups, SizeIs(1));
  EXPECT_EQ(video.ssrc_groups[0].semantics, "FID");
  EXPECT_THAT(video.ssrc_groups[0].ssrcs, ElementsAre(video.ssrcs[0].ssrc, video.ssrcs[1].ssrc));
  EXPECT_EQ(video.direction, sdp::Direction::kSendRecv);
  EXPECT_THAT(PayloadNumbers(video), ElementsAre(96, 97));
}

TEST_F(SubscriberNegotiationTest, StreamsKeptTogetherShareTheirStreamId) {
  SentTrack sent = TestTrack(1, CODEC_OPUS);
  sent.sync_stream = "camera";
  negotiation_.AddSender(sent);

  EXPECT_THAT(Offer().sections.at(1).msids, ElementsAre(sdp::Msid{"PA_p|camera", "TR_1"}));
}

TEST_F(SubscriberNegotiationTest, Trap21_MidMapIsCompleteEveryTime) {
  negotiation_.AddSender(TestTrack(1, CODEC_OPUS));
  Offer();
  EXPECT_THAT(offer_.mid_to_track_id(), SizeIs(1));
  Answer();

  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  Offer();
  EXPECT_EQ(offer_.mid_to_track_id().at("1"), "TR_1");
  EXPECT_EQ(offer_.mid_to_track_id().at("2"), "TR_2");
}

TEST_F(SubscriberNegotiationTest, AnswerYieldsTheWorkersSenders) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  const sdp::SessionDescription offer = Offer();
  EXPECT_EQ(negotiation_.Senders().senders_size(), 0);
  const auto answer = Answer();

  ASSERT_EQ(answer.senders.senders_size(), 1);
  const worker::v1::Sender& sender = answer.senders.senders(0);
  EXPECT_EQ(sender.sender(), 1u);
  EXPECT_EQ(sender.track(), 101u);
  EXPECT_EQ(sender.mid(), "1");
  EXPECT_EQ(sender.ssrc(), offer.sections[1].ssrcs[0].ssrc);
  EXPECT_EQ(sender.rtx_ssrc(), offer.sections[1].ssrcs[1].ssrc);
  ASSERT_EQ(sender.formats_size(), 1);
  EXPECT_EQ(sender.formats(0).payload_type(), 96u);
  EXPECT_EQ(sender.formats(0).rtx_payload_type(), 97u);
  EXPECT_TRUE(sender.formats(0).transport_cc());
  EXPECT_EQ(sender.extensions_size(), static_cast<int>(offer.sections[1].extensions.size()));
  EXPECT_EQ(sender.extensions(0).extension(), worker::v1::HEADER_EXTENSION_MID);
  EXPECT_EQ(sender.extensions(0).id(), 1u);
}

TEST_F(SubscriberNegotiationTest, TakesOnlyWhatTheClientAccepted) {
  negotiation_.AddSender(TestTrack(1, CODEC_RED));
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  Offer();
  EXPECT_THAT(PayloadNumbers(ParsedSdp(offer_).sections.at(1)), ElementsAre(63, 111));
  sdp::SessionDescription answered = BrowserAnswer(offer_);
  std::erase_if(answered.sections[1].payload_types,
                [](const sdp::PayloadType& payload_type) { return payload_type.name == "red"; });
  std::erase_if(answered.sections[2].payload_types,
                [](const sdp::PayloadType& payload_type) { return payload_type.name == "rtx"; });
  answered.sections[2].payload_types[0].feedback = {"nack pli"};
  answered.sections[2].extensions.clear();
  const auto answer = Answer(answered);

  ASSERT_EQ(answer.senders.senders_size(), 2);
  ASSERT_EQ(answer.senders.senders(0).formats_size(), 1);
  EXPECT_EQ(answer.senders.senders(0).formats(0).codec(), CODEC_OPUS);
  const worker::v1::Sender& video = answer.senders.senders(1);
  EXPECT_EQ(video.rtx_ssrc(), 0u);
  EXPECT_EQ(video.formats(0).rtx_payload_type(), 0u);
  EXPECT_FALSE(video.formats(0).nack());
  EXPECT_TRUE(video.formats(0).pli());
  EXPECT_EQ(video.extensions_size(), 0);
}

TEST_F(SubscriberNegotiationTest, OffersBothPacketizationModesWithTheSourcesFirst) {
  negotiation_.AddSender(TestTrack(1, CODEC_H264, "profile-level-id=42e01f"));
  EXPECT_THAT(PayloadNumbers(Offer().sections.at(1)), ElementsAre(125, 126, 108, 109));
}

TEST_F(SubscriberNegotiationTest, SendsHighProfileToOrdinaryDecoders) {
  negotiation_.AddSender(TestTrack(1, CODEC_H264, "packetization-mode=1;profile-level-id=640032"));
  EXPECT_THAT(PayloadNumbers(Offer().sections.at(1)), ElementsAre(108, 109));
}

TEST_F(SubscriberNegotiationTest, StereoTracksSaySo) {
  SentTrack sent = TestTrack(1, CODEC_OPUS);
  sent.stereo = true;
  negotiation_.AddSender(sent);

  EXPECT_EQ(Offer().sections.at(1).payload_types.at(0).parameters.ToText(),
            "minptime=10;useinbandfec=1;sprop-stereo=1");
}

TEST_F(SubscriberNegotiationTest, AudioJoinsCongestionControlOnceThereIsVideo) {
  negotiation_.AddSender(TestTrack(1, CODEC_OPUS));
  EXPECT_THAT(ExtensionUris(Offer().sections.at(1)), Not(Contains(kTransportCc)));
  Answer();

  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  const sdp::SessionDescription offer = Offer();
  EXPECT_THAT(ExtensionUris(offer.sections.at(1)), Contains(kTransportCc));
  EXPECT_THAT(offer.sections.at(1).payload_types.at(0).feedback,
              ElementsAre("nack", "transport-cc"));
  EXPECT_EQ(offer.sections.at(1).extensions.back().id, offer.sections.at(2).extensions[2].id);
}

TEST_F(SubscriberNegotiationTest, OneOfferIsInFlightAtATime) {
  Offer();
  const uint32_t first_id = offer_.id();
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  EXPECT_FALSE(negotiation_.NeedsOffer());
  EXPECT_TRUE(negotiation_.offer_in_flight());
  Answer();

  EXPECT_TRUE(negotiation_.NeedsOffer());
  EXPECT_THAT(Offer().sections, SizeIs(2));
  EXPECT_EQ(offer_.id(), first_id + 1);
}

TEST_F(SubscriberNegotiationTest, RemovedSectionsTurnRecvonlyAndAreUsedAgain) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  const uint32_t first_ssrc = Offer().sections.at(1).ssrcs.at(0).ssrc;
  Answer();

  negotiation_.RemoveSender(1);
  EXPECT_EQ(negotiation_.Senders().senders_size(), 0);
  const sdp::MediaSection emptied = Offer().sections.at(1);
  EXPECT_EQ(emptied.direction, sdp::Direction::kRecvOnly);
  EXPECT_THAT(emptied.msids, IsEmpty());
  EXPECT_THAT(emptied.ssrcs, IsEmpty());
  EXPECT_THAT(offer_.mid_to_track_id(), IsEmpty());
  Answer();

  negotiation_.AddSender(TestTrack(2, CODEC_H264));
  const sdp::SessionDescription reused = Offer();
  ASSERT_THAT(reused.sections, SizeIs(2));
  EXPECT_EQ(reused.sections[1].mid, "1");
  EXPECT_EQ(reused.sections[1].direction, sdp::Direction::kSendRecv);
  EXPECT_THAT(reused.sections[1].msids, ElementsAre(sdp::Msid{"PA_p|TR_2", "TR_2"}));
  EXPECT_NE(reused.sections[1].ssrcs[0].ssrc, first_ssrc);
  EXPECT_EQ(Answer().senders.senders(0).sender(), 2u);
}

TEST_F(SubscriberNegotiationTest, ASectionIsNotReusedBeforeTheClientSawItEmpty) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer();
  Answer();

  negotiation_.RemoveSender(1);
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  const sdp::SessionDescription offer = Offer();
  ASSERT_THAT(offer.sections, SizeIs(3));
  EXPECT_THAT(offer.sections[1].msids, IsEmpty());
  EXPECT_EQ(offer_.mid_to_track_id().at("2"), "TR_2");
}

class SafariSubscriberTest : public SubscriberNegotiationTest {
 protected:
  SafariSubscriberTest() : SubscriberNegotiationTest(WithoutReuse()) {}
  static NegotiationOptions WithoutReuse() {
    NegotiationOptions options;
    options.reuse_sections = false;
    return options;
  }
};

TEST_F(SafariSubscriberTest, SectionsAreNotReused) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer();
  Answer();
  negotiation_.RemoveSender(1);
  Offer();
  Answer();

  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  EXPECT_THAT(Offer().sections, SizeIs(3));
}

TEST_F(SubscriberNegotiationTest, ASenderRemovedInFlightIsNotStarted) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer();
  negotiation_.RemoveSender(1);

  EXPECT_EQ(Answer().senders.senders_size(), 0);
  EXPECT_TRUE(negotiation_.NeedsOffer());
  EXPECT_THAT(Offer().sections.at(1).msids, IsEmpty());
}

TEST_F(SubscriberNegotiationTest, RejectedSectionsStayRejectedInPlace) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  Offer();
  sdp::SessionDescription answered = BrowserAnswer(offer_);
  answered.sections[1].port = 0;
  const auto answer = Answer(answered);

  EXPECT_THAT(answer.refused_senders, ElementsAre(1));
  ASSERT_EQ(answer.senders.senders_size(), 1);
  EXPECT_EQ(answer.senders.senders(0).sender(), 2u);
  const sdp::SessionDescription next = Offer();
  ASSERT_THAT(next.sections, SizeIs(3));
  EXPECT_EQ(next.sections[1].port, 0);
  EXPECT_THAT(next.bundle_groups, ElementsAre(ElementsAre("0", "2")));
  EXPECT_FALSE(offer_.mid_to_track_id().contains("1"));
  EXPECT_EQ(Answer(BrowserAnswer(offer_)).refused_senders.size(), 0u);
  EXPECT_FALSE(negotiation_.NeedsOffer());  // The refused sender is not offered again.
}

TEST_F(SubscriberNegotiationTest, RefusesSourcesInDisabledCodecs) {
  NegotiationOptions options;
  options.subscribe_codecs = CodecPreferences().Without({CODEC_VP8});
  SubscriberNegotiation negotiation(options, random_);

  EXPECT_FALSE(negotiation.AddSender(TestTrack(1, CODEC_VP8)));
  EXPECT_TRUE(negotiation.AddSender(TestTrack(1, CODEC_H264)));
}

TEST_F(SubscriberNegotiationTest, Trap28_RestartAfterResumeAlwaysYieldsAnOffer) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer();
  const uint32_t abandoned = offer_.id();  // Its answer is lost with the old connection.
  const sdp::SessionDescription late_answer = BrowserAnswer(offer_);

  negotiation_.RestartIce();
  ASSERT_TRUE(negotiation_.NeedsOffer());
  offer_ = negotiation_.CreateOffer(TestTransport("new-ufrag"));
  EXPECT_EQ(ParsedSdp(offer_).sections.at(0).transport.ice_ufrag, "new-ufrag");
  EXPECT_EQ(offer_.mid_to_track_id().at("1"), "TR_1");

  EXPECT_EQ(TryAnswer(late_answer, abandoned).status().code(),
            absl::StatusCode::kFailedPrecondition);
  EXPECT_TRUE(negotiation_.offer_in_flight());
  EXPECT_EQ(Answer().senders.senders_size(), 1);
}

TEST_F(SubscriberNegotiationTest, Trap28_RestartYieldsAnOfferWhenNothingElseChanged) {
  Offer();
  Answer();
  ASSERT_FALSE(negotiation_.NeedsOffer());
  negotiation_.RestartIce();
  EXPECT_TRUE(negotiation_.NeedsOffer());
}

TEST_F(SubscriberNegotiationTest, AcceptsAnswersWithoutAnId) {
  Offer();
  EXPECT_TRUE(TryAnswer(BrowserAnswer(offer_), 0).ok());
  EXPECT_EQ(TryAnswer(BrowserAnswer(offer_), 0).status().code(),
            absl::StatusCode::kFailedPrecondition);
}

TEST_F(SubscriberNegotiationTest, RefusesUnusableAnswersAndKeepsWaiting) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer();
  sdp::SessionDescription fewer = BrowserAnswer(offer_);
  fewer.sections.pop_back();
  sdp::SessionDescription swapped = BrowserAnswer(offer_);
  std::swap(swapped.sections[0], swapped.sections[1]);

  EXPECT_EQ(TryAnswer(fewer, 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(TryAnswer(swapped, 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(negotiation_.offer_in_flight());
}

TEST_F(SubscriberNegotiationTest, SsrcsAreDistinct) {
  for (uint64_t n = 1; n <= 50; ++n) {
    negotiation_.AddSender(TestTrack(n, CODEC_VP8));
  }
  std::set<uint32_t> ssrcs;
  for (const sdp::MediaSection& section : Offer().sections) {
    for (const sdp::SsrcSource& source : section.ssrcs) {
      EXPECT_TRUE(ssrcs.insert(source.ssrc).second);
    }
  }
  EXPECT_THAT(ssrcs, SizeIs(100));
}

TEST_F(SubscriberNegotiationTest, HoldsAtMostAsManySectionsAsAParserTakes) {
  for (uint64_t n = 1; n <= 300; ++n) {
    negotiation_.AddSender(TestTrack(n, CODEC_OPUS));
  }
  EXPECT_THAT(Offer().sections, SizeIs(sdp::kMaxSections));
  Answer();
  EXPECT_FALSE(negotiation_.NeedsOffer());

  negotiation_.RemoveSender(1);  // Makes room, once the client has seen it.
  Offer();
  Answer();
  ASSERT_TRUE(negotiation_.NeedsOffer());
  Offer();
  EXPECT_EQ(offer_.mid_to_track_id().at("1"), "TR_256");
}

}  // namespace
}  // namespace sfu::negotiation
