#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/auth/access_token.h"
#include "controller/room/test_room.h"

// How participants come in, as their signal connection sees it.
namespace sfu::room {
namespace {

using livekit::SignalResponse;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

JoinParameters SinglePcJoin(std::string_view identity, const TestPeer& peer) {
  JoinParameters parameters = TestJoin(identity);
  parameters.single_peer_connection = true;
  parameters.publisher_offer = peer.Offer(1);
  return parameters;
}

TestPeer FirstOfferOfSinglePc() {
  TestPeer peer;
  for (int i = 0; i < 3; ++i) {
    peer.AddMedia("audio", "recvonly");
  }
  for (int i = 0; i < 3; ++i) {
    peer.AddMedia("video", "recvonly");
  }
  peer.AddData();
  return peer;
}

TEST(JoinTest, V0ExchangeGoesAsClientsExpect) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  // Worker answers arrived within the join, so the offer is there at once.
  EXPECT_THAT(room.Cases(session), ElementsAre(SignalResponse::kJoin, SignalResponse::kRefreshToken,
                                               SignalResponse::kUpdate, SignalResponse::kRoomUpdate,
                                               SignalResponse::kOffer));
  const livekit::JoinResponse& join = room.Inbox(session)[0].join();
  EXPECT_TRUE(join.subscriber_primary());
  EXPECT_TRUE(join.fast_publish());
  EXPECT_EQ(join.participant().state(), livekit::ParticipantInfo::JOINING);

  room.AnswerLatestOffer(session);
  room.ClearInboxes();
  TestPeer publisher;
  publisher.AddData();
  room.Offer(session, publisher.Offer(1));
  EXPECT_THAT(room.Cases(session), ElementsAre(SignalResponse::kAnswer));

  room.Connect(session);
  room.Advance(absl::Seconds(3));
  EXPECT_EQ(room.Known(session, "alice")->state(), livekit::ParticipantInfo::ACTIVE);
}

TEST(JoinTest, V1ExchangeGoesAsClientsExpect) {
  TestRoom room;
  const SessionId session = room.Join(SinglePcJoin("alice", FirstOfferOfSinglePc()));
  EXPECT_THAT(room.Cases(session), ElementsAre(SignalResponse::kJoin, SignalResponse::kRefreshToken,
                                               SignalResponse::kUpdate, SignalResponse::kRoomUpdate,
                                               SignalResponse::kAnswer));
  EXPECT_FALSE(room.Inbox(session)[0].join().subscriber_primary());
  EXPECT_EQ(room.Last(session, SignalResponse::kAnswer)->answer().id(), 1u);

  room.Connect(session);
  room.Advance(absl::Seconds(3));
  EXPECT_EQ(room.Known(session, "alice")->state(), livekit::ParticipantInfo::ACTIVE);
  EXPECT_EQ(room.Count(session, SignalResponse::kOffer), 0u);
}

TEST(JoinTest, Trap07_JoinComesFirstAndSynchronously) {
  TestRoom room;
  room.HoldResults();
  const SessionId session = room.Join("alice");
  EXPECT_TRUE(room.Inbox(session).at(0).has_join());
}

TEST(JoinTest, Trap09_RefreshTokensComeAtJoinAndEveryFiveMinutes) {
  TestRoom room;
  const SessionId session = room.JoinActive("alice");
  const SignalResponse* first = room.Last(session, SignalResponse::kRefreshToken);
  ASSERT_NE(first, nullptr);
  const auto claims =
      auth::VerifyToken(first->refresh_token(), {{"key", "secret"}}, room.Now().wall);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->identity, "alice");
  EXPECT_EQ(claims->video->room, "lobby");

  room.ClearInboxes();
  room.Advance(absl::Minutes(5));
  EXPECT_EQ(room.Count(session, SignalResponse::kRefreshToken), 1u);
  // Long after the first token's end, the latest still lives ten minutes.
  room.Advance(absl::Hours(3));
  const auto late =
      auth::VerifyToken(room.Last(session, SignalResponse::kRefreshToken)->refresh_token(),
                        {{"key", "secret"}}, room.Now().wall);
  ASSERT_TRUE(late);
  EXPECT_GE(late->expires_at, room.Now().wall + absl::Minutes(5));
}

TEST(JoinTest, Trap10_ServerVersionIsStrictSemver) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  EXPECT_EQ(room.Inbox(session)[0].join().server_info().version(), "1.13.5");
  EXPECT_EQ(room.Inbox(session)[0].join().server_version(), "1.13.5");
}

TEST(JoinTest, Trap11_PingIntervalIsNeverZero) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  EXPECT_EQ(room.Inbox(session)[0].join().ping_interval(), 5);
  EXPECT_EQ(room.Inbox(session)[0].join().ping_timeout(), 15);
}

TEST(JoinTest, JoinResponseHasWhatClientsCheck) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  const livekit::JoinResponse& join = room.Inbox(session)[0].join();
  EXPECT_EQ(join.room().name(), "lobby");
  EXPECT_EQ(join.room().sid().substr(0, 3), "RM_");
  EXPECT_EQ(join.room().sid().size(), 15u);
  EXPECT_EQ(join.room().num_participants(), 1u);
  EXPECT_EQ(join.participant().sid().substr(0, 3), "PA_");
  EXPECT_EQ(join.participant().identity(), "alice");
  EXPECT_TRUE(join.participant().has_permission());
  EXPECT_GT(join.participant().version(), 0u);
  ASSERT_GT(join.enabled_publish_codecs_size(), 0);
  EXPECT_EQ(join.enabled_publish_codecs(0).mime(), "video/VP8");
  EXPECT_FALSE(join.sif_trailer().empty());
}

TEST(JoinTest, DisabledCodecsAreNotOffered) {
  TestRoom room;
  JoinParameters parameters = TestJoin("alice");
  parameters.client_configuration.mutable_disabled_codecs()->add_codecs()->set_mime("video/AV1");
  parameters.client_configuration.mutable_disabled_codecs()->add_publish()->set_mime("video/VP9");
  const SessionId session = room.Join(std::move(parameters));
  for (const livekit::Codec& codec : room.Inbox(session)[0].join().enabled_publish_codecs()) {
    EXPECT_NE(codec.mime(), "video/AV1");
    EXPECT_NE(codec.mime(), "video/VP9");
  }
}

TEST(JoinTest, Trap26_OnlyTheSubscriberConnectionOpensChannelsItself) {
  TestRoom dual;
  dual.Join("alice");
  const auto transports = dual.CommandsOf(TestRoom::Command::kOpenTransport);
  ASSERT_EQ(transports.size(), 2u);
  EXPECT_FALSE(transports[0].open_transport().opens_data_channels());
  EXPECT_FALSE(transports[0].open_transport().carries_data_down());
  EXPECT_TRUE(transports[1].open_transport().opens_data_channels());
  EXPECT_TRUE(transports[1].open_transport().carries_data_down());

  TestRoom single;
  single.Join(SinglePcJoin("alice", FirstOfferOfSinglePc()));
  const auto only = single.CommandsOf(TestRoom::Command::kOpenTransport);
  ASSERT_EQ(only.size(), 1u);
  EXPECT_FALSE(only[0].open_transport().opens_data_channels());
  EXPECT_TRUE(only[0].open_transport().carries_data_down());
}

TEST(JoinTest, Trap26_PublisherPrimaryUsesTheClientsChannels) {
  TestRoom room;
  JoinParameters parameters = TestJoin("alice");
  parameters.claims.video->can_subscribe = false;
  const SessionId session = room.Join(std::move(parameters));
  EXPECT_FALSE(room.Inbox(session)[0].join().subscriber_primary());
  const auto transports = room.CommandsOf(TestRoom::Command::kOpenTransport);
  ASSERT_EQ(transports.size(), 1u);
  EXPECT_TRUE(transports[0].open_transport().carries_data_down());
}

TEST(JoinTest, Trap27_SubscriberOfferComesAtOnceAndHasADataSection) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  const SignalResponse* offer = room.Last(session, SignalResponse::kOffer);
  ASSERT_NE(offer, nullptr);
  EXPECT_THAT(offer->offer().sdp(), testing::HasSubstr("m=application"));
}

TEST(JoinTest, Trap29_ResumeOfAnUnknownSessionIsToldToReconnect) {
  TestRoom room;
  JoinParameters parameters = TestJoin("alice");
  parameters.reconnect = true;
  parameters.participant_sid = "PA_gone";
  const SessionId session = room.Join(std::move(parameters));
  ASSERT_EQ(room.Inbox(session).size(), 1u);
  EXPECT_EQ(room.Inbox(session)[0].leave().action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_EQ(room.Inbox(session)[0].leave().reason(), livekit::STATE_MISMATCH);
  EXPECT_TRUE(room.IsClosed(session));
  EXPECT_TRUE(room.room().Participants().empty());
}

TEST(JoinTest, Trap29_OldClientsOnlyKnowCanReconnect) {
  livekit::ClientInfo client;
  client.set_protocol(12);
  const SignalResponse leave = UnknownSessionLeave(client);
  EXPECT_TRUE(leave.leave().can_reconnect());
  EXPECT_EQ(leave.leave().action(), livekit::LeaveRequest::DISCONNECT);
}

TEST(JoinTest, Trap32_DuplicateIdentityReplacesTheOldWithoutADeparture) {
  TestRoom room;
  const SessionId watcher = room.JoinActive("watcher");
  JoinParameters old_client = TestJoin("old-watcher");
  old_client.client.set_protocol(11);
  const SessionId old_watcher = room.JoinActive(std::move(old_client));
  const SessionId first = room.JoinActive("alice");
  const std::string first_sid = room.room().FindParticipant("alice")->sid();
  room.Advance(absl::Seconds(4));
  room.ClearInboxes();

  const SessionId second = room.Join("alice");
  room.Advance(absl::Seconds(4));
  const SignalResponse* leave = room.Last(first, SignalResponse::kLeave);
  ASSERT_NE(leave, nullptr);
  EXPECT_EQ(leave->leave().reason(), livekit::DUPLICATE_IDENTITY);
  EXPECT_EQ(leave->leave().action(), livekit::LeaveRequest::DISCONNECT);
  EXPECT_TRUE(room.IsClosed(first));
  EXPECT_NE(room.Inbox(second)[0].join().participant().sid(), first_sid);

  const auto departures = [&](SessionId receiver) {
    size_t count = 0;
    for (const SignalResponse& response : room.Inbox(receiver)) {
      for (const livekit::ParticipantInfo& info : response.update().participants()) {
        count += info.state() == livekit::ParticipantInfo::DISCONNECTED ? 1 : 0;
      }
    }
    return count;
  };
  EXPECT_EQ(departures(watcher), 0u);
  EXPECT_EQ(departures(old_watcher), 1u);
}

TEST(JoinTest, Trap40_ClientProtocolAndCapabilitiesAreMirrored) {
  TestRoom room;
  JoinParameters parameters = TestJoin("alice");
  parameters.client.set_client_protocol(2);
  parameters.client.add_capabilities(livekit::ClientInfo::CAP_COMPRESSION_DEFLATE_RAW);
  room.Join(std::move(parameters));
  const SessionId bob = room.Join("bob");
  const livekit::ParticipantInfo& alice = room.Inbox(bob)[0].join().other_participants(0);
  EXPECT_EQ(alice.client_protocol(), 2);
  ASSERT_EQ(alice.capabilities_size(), 1);
  EXPECT_EQ(alice.capabilities(0), livekit::ClientInfo::CAP_COMPRESSION_DEFLATE_RAW);
}

TEST(JoinTest, HiddenParticipantsAreSeenByNobody) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.ClearInboxes();
  JoinParameters parameters = TestJoin("ghost");
  parameters.claims.video->hidden = true;
  const SessionId ghost = room.JoinActive(std::move(parameters));
  const SessionId bob = room.Join("bob");
  room.Advance(absl::Seconds(10));
  EXPECT_FALSE(room.Known(alice, "ghost"));
  EXPECT_TRUE(room.Known(ghost, "ghost"));
  ASSERT_EQ(room.Inbox(bob)[0].join().other_participants_size(), 1);
  EXPECT_EQ(room.Inbox(bob)[0].join().other_participants(0).identity(), "alice");
  EXPECT_EQ(room.room().Participants().size(), 3u);
}

TEST(JoinTest, FullRoomsRefuseAllButDependents) {
  RoomOptions options = TestOptions();
  options.max_participants = 1;
  TestRoom room(options);
  room.Join("alice");
  const auto bob = room.room().Join(room.Now(), TestJoin("bob"));
  ASSERT_FALSE(bob);
  EXPECT_EQ(bob.error(), JoinRefusal::kRoomFull);

  JoinParameters agent = TestJoin("agent");
  agent.claims.kind = "agent";
  room.Join(std::move(agent));
  room.Join("alice");  // In place of herself.
  EXPECT_EQ(room.room().Participants().size(), 2u);
  EXPECT_EQ(room.room().ToProto().num_participants(), 1u);
}

TEST(JoinTest, OversizedClaimsAreRefused) {
  TestRoom room;
  JoinParameters name = TestJoin("a");
  name.claims.name = std::string(257, 'n');
  EXPECT_EQ(room.room().Join(room.Now(), std::move(name)).error(), JoinRefusal::kNameTooLong);
  JoinParameters metadata = TestJoin("a");
  metadata.claims.metadata = std::string(512 * 1024 + 1, 'm');
  EXPECT_EQ(room.room().Join(room.Now(), std::move(metadata)).error(),
            JoinRefusal::kMetadataTooLong);
  JoinParameters attributes = TestJoin("a");
  attributes.claims.attributes["k"] = std::string(64 * 1024, 'v');
  EXPECT_EQ(room.room().Join(room.Now(), std::move(attributes)).error(),
            JoinRefusal::kAttributesTooLong);
}

TEST(JoinTest, WhoNeverConnectsIsRemovedAfterAMinute) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  room.AnswerLatestOffer(session);
  room.Advance(absl::Seconds(59));
  EXPECT_FALSE(room.IsClosed(session));
  room.Advance(absl::Seconds(1));
  EXPECT_EQ(room.Last(session, SignalResponse::kLeave)->leave().reason(), livekit::JOIN_FAILURE);
  EXPECT_TRUE(room.IsClosed(session));
}

TEST(JoinTest, WhoDoesNotAnswerTheOfferMustConnectAnew) {
  TestRoom room;
  const SessionId session = room.Join("alice");
  room.Advance(absl::Seconds(15));
  const SignalResponse* leave = room.Last(session, SignalResponse::kLeave);
  ASSERT_NE(leave, nullptr);
  EXPECT_EQ(leave->leave().action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_EQ(leave->leave().reason(), livekit::STATE_MISMATCH);
}

TEST(JoinTest, RefusalByTheWorkerMakesTheClientConnectAnew) {
  TestRoom room;
  room.HoldResults();
  const SessionId session = room.Join("alice");
  EXPECT_FALSE(room.IsClosed(session));
  worker::v1::CommandResult refused;
  refused.set_request_id(room.CommandsOf(TestRoom::Command::kOpenTransport)[0].request_id());
  refused.set_refusal(worker::v1::REFUSAL_OVERLOADED);
  room.room().HandleWorkerResult(room.Now(), refused);
  room.ReleaseResults();
  EXPECT_EQ(room.Last(session, SignalResponse::kLeave)->leave().action(),
            livekit::LeaveRequest::RECONNECT);
  EXPECT_TRUE(room.room().Participants().empty());
}

TEST(JoinTest, RoomConfigurationOfTheFirstTokenCounts) {
  TestRoom room;
  JoinParameters first = TestJoin("alice");
  first.claims.room_config_json =
      R"({"maxParticipants":5,"metadata":"from token","unknownField":1})";
  room.Join(std::move(first));
  JoinParameters second = TestJoin("bob");
  second.claims.room_config_json = R"({"metadata":"too late"})";
  room.Join(std::move(second));
  EXPECT_EQ(room.room().ToProto().max_participants(), 5u);
  EXPECT_EQ(room.room().ToProto().metadata(), "from token");
}

TEST(JoinTest, ComingsAndGoingsAreBatchedAfterTheFirst) {
  TestRoom room;
  const SessionId watcher = room.JoinActive("watcher");
  room.Advance(absl::Seconds(10));
  room.ClearInboxes();
  for (int i = 0; i < 10; ++i) {
    room.Join("guest" + std::to_string(i));
  }
  EXPECT_EQ(room.Count(watcher, SignalResponse::kUpdate), 1u);
  room.Advance(absl::Seconds(3));
  EXPECT_EQ(room.Count(watcher, SignalResponse::kUpdate), 2u);
  for (int i = 0; i < 10; ++i) {
    EXPECT_TRUE(room.Known(watcher, "guest" + std::to_string(i))) << i;
  }
}

TEST(JoinTest, DepartureOfAnIdentityIsNeverToldAfterItsReturn) {
  TestRoom room;
  const SessionId watcher = room.JoinActive("watcher");
  room.JoinActive("alice");
  room.Advance(absl::Seconds(10));
  room.Join("bob");  // Uses up the quiet time: what follows waits.
  room.ClearInboxes();
  ASSERT_TRUE(room.Do([&](Room& r) { return r.RemoveParticipant(room.Now(), "alice"); }));
  room.Join("alice");
  room.Advance(absl::Seconds(3));
  EXPECT_NE(room.Known(watcher, "alice")->state(), livekit::ParticipantInfo::DISCONNECTED);
}

}  // namespace
}  // namespace sfu::room
