#include "worker/data/data_router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/simulated_clock.h"

namespace sfu::data {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr uint64_t kAlice = 1, kBob = 2, kCarol = 3;

class DataRouterTest : public ::testing::Test {
 protected:
  DataRouterTest() {
    for (const auto& [id, name] : {std::pair{kAlice, "alice"}, {kBob, "bob"}, {kCarol, "carol"}}) {
      router_.ConfigureMember(
          MemberId(id),
          {.sid = std::string("PA_") + name, .identity = name, .can_publish_data = true});
      router_.HandleReceiverReady(clock_.Now(), MemberId(id));
    }
  }

  std::optional<RoutedPacket> Send(uint64_t from, const livekit::DataPacket& packet,
                                   Channel channel = Channel::kReliable) {
    return router_.HandlePacket(clock_.Now(), MemberId(from), channel, packet.SerializeAsString());
  }

  static livekit::DataPacket Text(const std::string& payload, uint32_t sequence = 0) {
    livekit::DataPacket packet;
    packet.mutable_user()->set_payload(payload);
    packet.set_sequence(sequence);
    return packet;
  }

  static livekit::DataPacket Parse(const RoutedPacket& routed) {
    livekit::DataPacket packet;
    packet.ParseFromString(*routed.bytes);
    return packet;
  }

  SimulatedClock clock_;
  DataRouter router_;
};

TEST_F(DataRouterTest, ReachesEverybodyButTheSender) {
  const auto routed = Send(kAlice, Text("hello"));
  ASSERT_TRUE(routed);
  EXPECT_THAT(routed->receivers, ElementsAre(MemberId(kBob), MemberId(kCarol)));
}

TEST_F(DataRouterTest, Trap37_KeepsTheSequenceAndStampsTheSender) {
  livekit::DataPacket packet = Text("hello", 7);
  packet.set_participant_identity("mallory");
  packet.set_participant_sid("PA_mallory");
  const livekit::DataPacket sent = Parse(*Send(kAlice, packet));
  EXPECT_EQ(sent.sequence(), 7u);
  EXPECT_EQ(sent.participant_sid(), "PA_alice");
  EXPECT_EQ(sent.participant_identity(), "alice");
  EXPECT_EQ(sent.user().participant_identity(), "alice");
}

TEST_F(DataRouterTest, Trap37_BlanksOnlyTheIdentityOfAHiddenSender) {
  router_.ConfigureMember(
      MemberId(kAlice),
      {.sid = "PA_alice", .identity = "alice", .hidden = true, .can_publish_data = true});
  const livekit::DataPacket sent = Parse(*Send(kAlice, Text("hello")));
  EXPECT_EQ(sent.participant_sid(), "PA_alice");
  EXPECT_EQ(sent.participant_identity(), "");
  EXPECT_EQ(sent.user().participant_sid(), "");
}

TEST_F(DataRouterTest, GoesOnlyToThoseNamedByEitherList) {
  livekit::DataPacket by_identity = Text("hello");
  by_identity.add_destination_identities("bob");
  EXPECT_THAT(Send(kAlice, by_identity)->receivers, ElementsAre(MemberId(kBob)));

  livekit::DataPacket by_sid = Text("hello");
  by_sid.mutable_user()->add_destination_sids("PA_carol");
  EXPECT_THAT(Send(kAlice, by_sid)->receivers, ElementsAre(MemberId(kCarol)));

  livekit::DataPacket nobody = Text("hello");
  nobody.add_destination_identities("dave");
  EXPECT_FALSE(Send(kAlice, nobody));
}

TEST_F(DataRouterTest, CopiesLegacyDestinationsBothWays) {
  livekit::DataPacket inner = Text("hello");
  inner.mutable_user()->add_destination_identities("bob");
  EXPECT_THAT(Parse(*Send(kAlice, inner)).destination_identities(), ElementsAre("bob"));

  livekit::DataPacket outer = Text("hello");
  outer.add_destination_identities("bob");
  EXPECT_THAT(Parse(*Send(kAlice, outer)).user().destination_identities(), ElementsAre("bob"));
}

TEST_F(DataRouterTest, Trap38_DropsReliablePacketsSeenBefore) {
  EXPECT_TRUE(Send(kAlice, Text("one", 1)));
  EXPECT_TRUE(Send(kAlice, Text("two", 2)));
  EXPECT_FALSE(Send(kAlice, Text("one", 1)));
  EXPECT_TRUE(Send(kBob, Text("other sender", 1)));
  EXPECT_EQ(router_.counters().dropped_duplicate, 1u);
}

TEST_F(DataRouterTest, DropsARepeatedNonce) {
  livekit::DataPacket packet = Text("once");
  packet.mutable_user()->set_nonce("0123456789abcdef");
  EXPECT_TRUE(Send(kAlice, packet));
  EXPECT_FALSE(Send(kAlice, packet));
}

TEST_F(DataRouterTest, DropsWhatTheSenderMayNotSend) {
  router_.ConfigureMember(MemberId(kAlice), {.sid = "PA_alice", .identity = "alice"});
  EXPECT_FALSE(Send(kAlice, Text("hello")));

  livekit::DataPacket transcription;
  transcription.mutable_transcription();
  EXPECT_FALSE(Send(kBob, transcription));
  EXPECT_EQ(router_.counters().dropped_not_permitted, 2u);
}

TEST_F(DataRouterTest, AnAgentMaySpeakForOthersAndIsMarked) {
  router_.ConfigureMember(
      MemberId(kAlice),
      {.sid = "PA_alice", .identity = "alice", .agent = true, .can_publish_data = true});
  livekit::DataPacket packet;
  packet.set_participant_identity("bob");
  packet.mutable_chat_message()->set_message("I am bob's words");
  const livekit::DataPacket sent = Parse(*Send(kAlice, packet));
  EXPECT_EQ(sent.participant_identity(), "bob");
  EXPECT_TRUE(sent.chat_message().generated());
}

TEST_F(DataRouterTest, ALateReceiverCatchesUpOnReliablePacketsOnly) {
  constexpr uint64_t kDave = 4;
  router_.ConfigureMember(MemberId(kDave), {.sid = "PA_dave", .identity = "dave"});
  Send(kAlice, Text("too old"));
  clock_.Advance(absl::Seconds(3));
  Send(kAlice, Text("missed"));
  Send(kAlice, Text("lost"), Channel::kLossy);
  livekit::DataPacket for_bob = Text("not for dave");
  for_bob.add_destination_identities("bob");
  Send(kAlice, for_bob);

  const auto backlog = router_.HandleReceiverReady(clock_.Now(), MemberId(kDave));
  ASSERT_THAT(backlog, SizeIs(1));
  livekit::DataPacket packet;
  packet.ParseFromString(*backlog.front());
  EXPECT_EQ(packet.user().payload(), "missed");
  EXPECT_THAT(router_.HandleReceiverReady(clock_.Now(), MemberId(kDave)), IsEmpty());
  EXPECT_THAT(Send(kAlice, Text("live"))->receivers, SizeIs(3));
}

TEST_F(DataRouterTest, CountsGarbage) {
  EXPECT_FALSE(router_.HandlePacket(clock_.Now(), MemberId(kAlice), Channel::kLossy, "\xff\xff"));
  EXPECT_EQ(router_.counters().dropped_unparsable, 1u);
}

TEST_F(DataRouterTest, UnknownFieldsSurvive) {
  std::string bytes = Text("hello").SerializeAsString();
  bytes += std::string("\xc2\x3e\x03new", 6);  // Field 1000, three bytes.
  const auto routed =
      router_.HandlePacket(clock_.Now(), MemberId(kAlice), Channel::kReliable, bytes);
  ASSERT_TRUE(routed);
  EXPECT_NE(routed->bytes->find("new"), std::string::npos);
}

TEST_F(DataRouterTest, AStreamIsDescribedByItsFirstPacketOnly) {
  livekit::DataPacket header;
  header.mutable_stream_header()->set_mime_type("image/png");
  header.mutable_stream_header()->set_total_length(70'000);
  header.mutable_stream_header()->mutable_byte_header();
  const std::optional<RoutedPacket> first = Send(kAlice, header);
  ASSERT_TRUE(first && first->stream);
  EXPECT_EQ(first->stream->kind, StreamKind::kBytes);
  EXPECT_EQ(first->stream->media_type, MediaType::kImage);
  EXPECT_EQ(first->stream->total_bytes, 70'000u);

  livekit::DataPacket chunk;
  chunk.mutable_stream_chunk()->set_content("x");
  EXPECT_FALSE(Send(kAlice, chunk)->stream);
}

TEST_F(DataRouterTest, AStreamThatSaysLittleIsUnknown) {
  livekit::DataPacket header;
  header.mutable_stream_header()->set_mime_type("x-secret/alice");
  const std::optional<RoutedPacket> routed = Send(kAlice, header);
  ASSERT_TRUE(routed && routed->stream);
  EXPECT_EQ(routed->stream->kind, StreamKind::kUnknown);
  EXPECT_EQ(routed->stream->media_type, MediaType::kUnknown);
  EXPECT_FALSE(routed->stream->total_bytes);
}

}  // namespace
}  // namespace sfu::data
