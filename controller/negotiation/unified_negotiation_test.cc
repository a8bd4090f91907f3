#include "controller/negotiation/unified_negotiation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/negotiation/test_fixtures.h"
#include "tests/support/sample_offer.h"
#include "tests/support/seeded_random.h"

namespace sfu::negotiation {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using worker::v1::CODEC_H264;
using worker::v1::CODEC_H265;
using worker::v1::CODEC_OPUS;
using worker::v1::CODEC_RED;
using worker::v1::CODEC_VP8;
using worker::v1::CODEC_VP9;

// A client with so many receiving sections of each kind ("a0", "v0", ...), and "p" to publish on.
std::string ClientText(int audio, int video, bool publishes = false) {
  SampleOffer offer;
  offer.AddData("d");
  for (int i = 0; i < audio; ++i) {
    offer.AddAudio("a" + std::to_string(i), "recvonly");
  }
  for (int i = 0; i < video; ++i) {
    offer.AddVideo("v" + std::to_string(i), "recvonly");
  }
  if (publishes) {
    offer.AddAudio("p", "sendonly", "microphone-1");
  }
  return offer.Text();
}

// Video only, so that a larger number keeps the m-lines before it in place.
std::string GrowingOffer(int video) { return ClientText(0, video); }

class UnifiedNegotiationTest : public testing::Test {
 protected:
  OfferSummary Offer(const std::string& text, uint32_t id = 1) {
    auto summary = negotiation_.HandleOffer(TestDescription("offer", text, id));
    EXPECT_TRUE(summary.ok()) << summary.status();
    return summary.ok() ? *std::move(summary) : OfferSummary();
  }
  sdp::SessionDescription Answer(const Assignments& assignments = {}) {
    answer_ = negotiation_.BuildAnswer(assignments, TestTransport());
    return ParsedSdp(answer_.description);
  }
  // "audios,videos", or "" for nothing to ask.
  std::string Requirement() {
    const auto requirement = negotiation_.PollRequirement();
    return requirement ? std::to_string(requirement->num_audios()) + "," +
                             std::to_string(requirement->num_videos())
                       : "";
  }

  SeededRandom random_{3};
  UnifiedNegotiation negotiation_{NegotiationOptions(), random_};
  UnifiedNegotiation::Answer answer_;
};

TEST_F(UnifiedNegotiationTest, UnusedSectionsAreSendonlyWithoutMsid) {
  EXPECT_THAT(Offer(UnifiedFirstOffer()).sending, IsEmpty());
  const sdp::SessionDescription answer = Answer();

  ASSERT_THAT(answer.sections, SizeIs(7));
  for (size_t i = 0; i < 6; ++i) {
    EXPECT_EQ(answer.sections[i].direction, sdp::Direction::kSendOnly);
    EXPECT_EQ(answer.sections[i].port, 9);
    EXPECT_THAT(answer.sections[i].msids, IsEmpty());
    EXPECT_THAT(answer.sections[i].ssrcs, IsEmpty());
    EXPECT_EQ(answer.sections[i].transport.setup, sdp::Setup::kPassive);
  }
  EXPECT_EQ(answer.sections[6].kind, sdp::MediaKind::kApplication);
  EXPECT_EQ(answer_.senders.senders_size(), 0);
  EXPECT_EQ(answer_.receivers.receivers_size(), 0);
  EXPECT_EQ(Requirement(), "");
}

TEST_F(UnifiedNegotiationTest, PlacesSendersInTheFirstFreeSectionsOfTheirKind) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  negotiation_.AddSender(TestTrack(2, CODEC_OPUS));
  negotiation_.AddSender(TestTrack(3, CODEC_VP8));
  Offer(UnifiedFirstOffer());
  const sdp::SessionDescription answer = Answer();

  EXPECT_THAT(answer.sections[0].msids, ElementsAre(sdp::Msid{"PA_p|TR_2", "TR_2"}));
  EXPECT_THAT(answer.sections[3].msids, ElementsAre(sdp::Msid{"PA_p|TR_1", "TR_1"}));
  EXPECT_THAT(answer.sections[4].msids, ElementsAre(sdp::Msid{"PA_p|TR_3", "TR_3"}));
  EXPECT_EQ(answer.sections[3].direction, sdp::Direction::kSendOnly);
  EXPECT_THAT(answer.sections[5].msids, IsEmpty());
  ASSERT_EQ(answer_.senders.senders_size(), 3);
  EXPECT_EQ(answer_.senders.senders(1).mid(), "3");
  EXPECT_EQ(answer_.senders.senders(1).ssrc(), answer.sections[3].ssrcs[0].ssrc);
  EXPECT_EQ(Requirement(), "");
}

TEST_F(UnifiedNegotiationTest, Trap21_AnswersMapEveryPlacedSection) {
  negotiation_.AddSender(TestTrack(1, CODEC_OPUS));
  Offer(UnifiedFirstOffer());
  Answer();
  EXPECT_THAT(answer_.description.mid_to_track_id(), SizeIs(1));

  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  Offer(UnifiedFirstOffer(), 2);
  Answer();
  EXPECT_THAT(answer_.description.mid_to_track_id(), SizeIs(2));
  EXPECT_EQ(answer_.description.mid_to_track_id().at("0"), "TR_1");
  EXPECT_EQ(answer_.description.mid_to_track_id().at("3"), "TR_2");
}

TEST_F(UnifiedNegotiationTest, Trap22_AnswerHasTheOffersId) {
  Offer(UnifiedFirstOffer(), 9);
  Answer();
  EXPECT_EQ(answer_.description.id(), 9u);
  EXPECT_EQ(answer_.description.type(), "answer");
}

TEST_F(UnifiedNegotiationTest, Trap24_AsksForNothingBeforeTheFirstAnswer) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  EXPECT_EQ(Requirement(), "");
  Offer(ClientText(0, 0));
  EXPECT_EQ(Requirement(), "");
  Answer();
  EXPECT_EQ(Requirement(), "0,1");
}

TEST_F(UnifiedNegotiationTest, Trap24_AsksOnceForMissingSections) {
  Offer(GrowingOffer(1));
  Answer();
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  negotiation_.AddSender(TestTrack(3, CODEC_VP8));

  EXPECT_EQ(Requirement(), "0,2");  // One of three fits what there is.
  EXPECT_EQ(Requirement(), "");
  negotiation_.AddSender(TestTrack(4, CODEC_OPUS));
  EXPECT_EQ(Requirement(), "1,0");  // Only what has not been asked for.
}

TEST_F(UnifiedNegotiationTest, Trap24_AnOfferThatCrossedTheRequestDoesNotRepeatIt) {
  Offer(GrowingOffer(1));
  Answer();
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  ASSERT_EQ(Requirement(), "0,1");

  Offer(GrowingOffer(1));  // On its way before the client read the request.
  Answer();
  EXPECT_THAT(answer_.description.mid_to_track_id(), SizeIs(1));
  EXPECT_EQ(Requirement(), "");

  Offer(GrowingOffer(2));  // This one brings the section.
  Answer();
  EXPECT_THAT(answer_.description.mid_to_track_id(), SizeIs(2));
  EXPECT_EQ(Requirement(), "");
}

TEST_F(UnifiedNegotiationTest, Trap24_AsksAgainWhenTheClientNeverBringsThem) {
  Offer(GrowingOffer(0));
  Answer();
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  ASSERT_EQ(Requirement(), "0,1");

  Offer(GrowingOffer(0));
  Answer();
  ASSERT_EQ(Requirement(), "");
  Offer(GrowingOffer(0));
  Answer();
  EXPECT_EQ(Requirement(), "0,1");
}

TEST_F(UnifiedNegotiationTest, Trap24_AsksAgainAfterAResume) {
  Offer(GrowingOffer(0));
  Answer();
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  ASSERT_EQ(Requirement(), "0,1");

  negotiation_.HandleResumed();
  EXPECT_EQ(Requirement(), "0,1");
}

// The client announces a track only when a section starts to carry one, so it must have seen it
// empty.
TEST_F(UnifiedNegotiationTest, ASectionWhoseEmptyingMayBeLostIsEmptiedAgain) {
  Offer(UnifiedFirstOffer());
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Answer();
  ASSERT_EQ(answer_.senders.senders_size(), 1);
  const std::string emptied = answer_.senders.senders(0).mid();
  negotiation_.RemoveSender(1);
  Offer(UnifiedFirstOffer());
  Answer();  // Lost.
  ASSERT_EQ(answer_.senders.senders_size(), 0);

  negotiation_.HandleResumed();
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  Offer(UnifiedFirstOffer());
  Answer();
  ASSERT_EQ(answer_.senders.senders_size(), 1);
  EXPECT_NE(answer_.senders.senders(0).mid(), emptied);
}

TEST_F(UnifiedNegotiationTest, Trap24_AsksForAMereOfferWhenASectionIsFree) {
  Offer(UnifiedFirstOffer());
  Answer();
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));

  EXPECT_EQ(Requirement(), "0,0");
  EXPECT_EQ(Requirement(), "");
  Offer(UnifiedFirstOffer());
  EXPECT_EQ(Requirement(), "");
  Answer();
  EXPECT_EQ(answer_.senders.senders_size(), 1);
  EXPECT_EQ(Requirement(), "");
}

TEST_F(UnifiedNegotiationTest, AsksForNoMoreThanAnOfferMayHold) {
  Offer(GrowingOffer(0));
  Answer();
  for (uint64_t n = 1; n <= 300; ++n) {
    negotiation_.AddSender(TestTrack(n, CODEC_VP8));
  }
  EXPECT_EQ(Requirement(), "0,239");  // 256, less the data section and 16 to publish on.
  EXPECT_EQ(Requirement(), "");

  Offer(GrowingOffer(239));
  Answer();
  EXPECT_EQ(answer_.senders.senders_size(), 239);
  EXPECT_EQ(Requirement(), "");  // The rest has to wait for a section to fall free.
  negotiation_.RemoveSender(1);
  EXPECT_EQ(Requirement(), "0,0");
}

TEST_F(UnifiedNegotiationTest, SkipsSectionsThatCannotCarryTheSource) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP9));
  Offer(SampleOffer().AddVp8Only("0", "recvonly").AddVideo("1", "recvonly").Text());
  Answer();

  EXPECT_THAT(answer_.refused_senders, IsEmpty());
  EXPECT_EQ(answer_.description.mid_to_track_id().at("1"), "TR_1");
}

TEST_F(UnifiedNegotiationTest, RemovedSendersLeaveASectionToUseAgain) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer(GrowingOffer(1));
  Answer();
  negotiation_.RemoveSender(1);
  EXPECT_EQ(negotiation_.Senders().senders_size(), 0);
  EXPECT_EQ(Requirement(), "0,0");

  Offer(GrowingOffer(1));
  const sdp::SessionDescription emptied = Answer();
  EXPECT_THAT(emptied.sections[1].msids, IsEmpty());
  EXPECT_EQ(emptied.sections[1].direction, sdp::Direction::kSendOnly);
  EXPECT_THAT(answer_.description.mid_to_track_id(), IsEmpty());
  EXPECT_EQ(Requirement(), "");

  negotiation_.AddSender(TestTrack(2, CODEC_H264));
  EXPECT_EQ(Requirement(), "0,0");
  Offer(GrowingOffer(1));
  EXPECT_THAT(Answer().sections[1].msids, ElementsAre(sdp::Msid{"PA_p|TR_2", "TR_2"}));
}

TEST_F(UnifiedNegotiationTest, ASectionIsNotReusedBeforeTheClientSawItEmpty) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer(GrowingOffer(1));
  Answer();

  negotiation_.RemoveSender(1);
  negotiation_.AddSender(TestTrack(2, CODEC_VP8));
  EXPECT_EQ(Requirement(), "0,1");
  Offer(GrowingOffer(2));
  Answer();
  EXPECT_THAT(answer_.description.mid_to_track_id(), SizeIs(1));
  EXPECT_EQ(answer_.description.mid_to_track_id().at("v1"), "TR_2");
}

TEST_F(UnifiedNegotiationTest, PublishesBesideReceiving) {
  negotiation_.AddSender(TestTrack(1, CODEC_OPUS));
  const OfferSummary summary = Offer(ClientText(1, 0, true));
  ASSERT_THAT(summary.sending, SizeIs(1));
  EXPECT_EQ(summary.sending[0].mid, "p");
  PublishedTrack microphone;
  microphone.track = 5;
  const sdp::SessionDescription answer = Answer({{"p", microphone}});

  EXPECT_EQ(answer.sections[2].direction, sdp::Direction::kRecvOnly);
  EXPECT_THAT(PayloadNames(answer.sections[2]), ElementsAre("red", "opus", "PCMU", "PCMA"));
  ASSERT_EQ(answer_.receivers.receivers_size(), 1);
  EXPECT_EQ(answer_.receivers.receivers(0).track(), 5u);
  EXPECT_EQ(answer_.senders.senders_size(), 1);
}

TEST_F(UnifiedNegotiationTest, Trap14_ParkedSectionsAreMappedLater) {
  Offer(ClientText(0, 0, true));
  Answer();
  EXPECT_EQ(answer_.receivers.receivers(0).track(), 0u);
  PublishedTrack microphone;
  microphone.track = 5;
  EXPECT_EQ(negotiation_.Receivers({{"p", microphone}}).receivers(0).track(), 5u);
}

TEST_F(UnifiedNegotiationTest, SendersUseTheClientsNumbers) {
  negotiation_.AddSender(TestTrack(1, CODEC_H264, "packetization-mode=1;profile-level-id=42e01f"));
  Offer(GrowingOffer(1));
  const sdp::SessionDescription answer = Answer();

  // Not the Baseline one before it nor the High one after it, though all are H264.
  EXPECT_THAT(PayloadNumbers(answer.sections[1]), ElementsAre(109, 114));
  const worker::v1::Sender& sender = answer_.senders.senders(0);
  ASSERT_EQ(sender.formats_size(), 1);
  EXPECT_EQ(sender.formats(0).payload_type(), 109u);
  EXPECT_EQ(sender.formats(0).rtx_payload_type(), 114u);
  EXPECT_TRUE(sender.formats(0).transport_cc());
  EXPECT_THAT(ExtensionUris(answer.sections[1]), Contains("urn:ietf:params:rtp-hdrext:sdes:mid"));
  for (const worker::v1::ExtensionId& extension : sender.extensions()) {
    if (extension.extension() == worker::v1::HEADER_EXTENSION_MID) {
      EXPECT_EQ(extension.id(), 4u);  // As Chrome numbers it.
    }
  }
  // Of the nine accepted, those that go down: no rids, no send time beside transport-wide numbers.
  EXPECT_EQ(sender.extensions_size(), 6);
}

// Chromium offers no extension again that earlier sections turned down, and without rid there is no
// simulcast.
TEST_F(UnifiedNegotiationTest, EverySectionAcceptsWhatPublishingNeeds) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer(GrowingOffer(2));
  const sdp::SessionDescription answer = Answer();

  for (const size_t used_and_idle : {1, 2}) {
    const std::vector<std::string> uris = ExtensionUris(answer.sections[used_and_idle]);
    EXPECT_THAT(uris, SizeIs(9));
    EXPECT_THAT(uris, Contains("urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"));
    EXPECT_THAT(uris, Contains("urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"));
  }
}

TEST_F(UnifiedNegotiationTest, PlainOpusSourcesComeWithRed) {
  negotiation_.AddSender(TestTrack(1, CODEC_OPUS));
  Offer(ClientText(1, 0));
  EXPECT_THAT(PayloadNumbers(Answer().sections[1]), ElementsAre(111, 63));
}

TEST_F(UnifiedNegotiationTest, RedSourcesComeWithPlainOpus) {
  negotiation_.AddSender(TestTrack(1, CODEC_RED));
  Offer(ClientText(1, 0));
  EXPECT_THAT(PayloadNumbers(Answer().sections[1]), ElementsAre(63, 111));
}

TEST_F(UnifiedNegotiationTest, RefusesWhatTheClientCannotDecodeAndDoesNotAskForIt) {
  negotiation_.AddSender(TestTrack(1, CODEC_H265));
  Offer(GrowingOffer(1));
  const sdp::SessionDescription answer = Answer();

  EXPECT_THAT(answer_.refused_senders, ElementsAre(1));
  EXPECT_THAT(answer.sections[1].msids, IsEmpty());
  EXPECT_EQ(answer_.senders.senders_size(), 0);
  EXPECT_EQ(Requirement(), "");

  SentTrack with_backup = TestTrack(1, CODEC_H265);
  with_backup.codecs.push_back({CODEC_VP8, ""});
  negotiation_.AddSender(with_backup);
  EXPECT_EQ(Requirement(), "0,0");
  Offer(GrowingOffer(1));
  EXPECT_THAT(PayloadNumbers(Answer().sections[1]), ElementsAre(96, 97));
}

TEST_F(UnifiedNegotiationTest, ASenderMovesWhenItsSectionGoesAway) {
  negotiation_.AddSender(TestTrack(1, CODEC_VP8));
  Offer(GrowingOffer(1));
  Answer();

  Offer(SampleOffer().AddData("d").AddVideo("v0", "inactive").AddVideo("v1", "recvonly").Text());
  const sdp::SessionDescription answer = Answer();
  EXPECT_EQ(answer.sections[1].direction, sdp::Direction::kInactive);
  EXPECT_THAT(answer.sections[2].msids, SizeIs(1));
  EXPECT_EQ(answer_.senders.senders(0).mid(), "v1");
}

TEST_F(UnifiedNegotiationTest, Trap26_DataSectionIsAnsweredFromTheStart) {
  const OfferSummary summary = Offer(UnifiedFirstOffer());
  EXPECT_TRUE(summary.has_data_section);
  Answer();
  EXPECT_EQ(answer_.transport.remote_max_message_size(), 262144u);
}

}  // namespace
}  // namespace sfu::negotiation
