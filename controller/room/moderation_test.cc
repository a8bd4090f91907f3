#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/auth/access_token.h"
#include "controller/room/test_room.h"

// What participants may change about themselves, and the server API about them.
namespace sfu::room {
namespace {

using livekit::RequestResponse;
using livekit::SignalResponse;
using testing::Pair;
using testing::UnorderedElementsAre;

livekit::SignalRequest UpdateMetadata(std::string_view metadata, uint32_t request_id = 3) {
  livekit::SignalRequest request;
  request.mutable_update_metadata()->set_metadata(std::string(metadata));
  request.mutable_update_metadata()->set_request_id(request_id);
  return request;
}

class ModerationTest : public testing::Test {
 protected:
  ModerationTest() {
    JoinParameters parameters = TestJoin("alice");
    parameters.claims.video->can_update_own_metadata = true;
    parameters.claims.metadata = "before";
    parameters.claims.attributes = {{"keep", "1"}, {"drop", "2"}};
    alice_ = room_.JoinActive(std::move(parameters));
    bob_ = room_.JoinActive("bob");
    room_.Advance(absl::Seconds(5));
    room_.ClearInboxes();
  }

  Expected<livekit::ParticipantInfo, ApiRefusal> Update(
      const livekit::UpdateParticipantRequest& request) {
    return room_.Do([&](Room& room) { return room.UpdateParticipant(room_.Now(), request); });
  }

  TestRoom room_;
  SessionId alice_{0};
  SessionId bob_{0};
};

TEST_F(ModerationTest, Trap35_MetadataChangeReachesAllAndTheSubjectFirst) {
  room_.Request(alice_, UpdateMetadata("after"));
  EXPECT_EQ(room_.Known(alice_, "alice")->metadata(), "after");
  EXPECT_EQ(room_.Known(bob_, "alice")->metadata(), "after");
  const RequestResponse& response =
      room_.Last(alice_, SignalResponse::kRequestResponse)->request_response();
  EXPECT_EQ(response.reason(), RequestResponse::OK);
  EXPECT_EQ(response.request_id(), 3u);
}

TEST_F(ModerationTest, Trap35_EmptyMeansNoChangeAndEmptyAttributesAreDeleted) {
  livekit::SignalRequest request = UpdateMetadata("");
  (*request.mutable_update_metadata()->mutable_attributes())["drop"] = "";
  (*request.mutable_update_metadata()->mutable_attributes())["add"] = "3";
  room_.Request(alice_, request);
  const auto info = room_.Known(alice_, "alice");
  EXPECT_EQ(info->metadata(), "before");
  EXPECT_THAT(info->attributes(), UnorderedElementsAre(Pair("keep", "1"), Pair("add", "3")));
}

TEST_F(ModerationTest, Trap09_EveryChangeOfClaimsBringsANewToken) {
  room_.Request(alice_, UpdateMetadata("after"));
  const SignalResponse* token = room_.Last(alice_, SignalResponse::kRefreshToken);
  ASSERT_NE(token, nullptr);
  const auto claims =
      auth::VerifyToken(token->refresh_token(), {{"key", "secret"}}, room_.Now().wall);
  EXPECT_EQ(claims->metadata, "after");
}

TEST_F(ModerationTest, MetadataNeedsPermissionAndHasLimits) {
  room_.Request(bob_, UpdateMetadata("mine"));
  EXPECT_EQ(room_.Last(bob_, SignalResponse::kRequestResponse)->request_response().reason(),
            RequestResponse::NOT_ALLOWED);
  room_.Request(alice_, UpdateMetadata(std::string(512 * 1024 + 1, 'x')));
  EXPECT_EQ(room_.Last(alice_, SignalResponse::kRequestResponse)->request_response().reason(),
            RequestResponse::LIMIT_EXCEEDED);
  EXPECT_FALSE(room_.Known(alice_, "alice"));
}

TEST_F(ModerationTest, OkIsOnlyForThoseWhoKnowIt) {
  JoinParameters parameters = TestJoin("old");
  parameters.client.set_protocol(14);
  parameters.claims.video->can_update_own_metadata = true;
  const SessionId old_client = room_.JoinActive(std::move(parameters));
  room_.Request(old_client, UpdateMetadata("x"));
  EXPECT_EQ(room_.Count(old_client, SignalResponse::kRequestResponse), 0u);
  EXPECT_EQ(room_.Known(old_client, "old")->metadata(), "x");
}

TEST_F(ModerationTest, LostPublishRightUnpublishes) {
  TestPeer peer;
  const livekit::TrackInfo info = room_.Publish(alice_, peer, livekit::VIDEO, livekit::CAMERA);
  room_.AnswerLatestOffer(bob_);
  livekit::UpdateParticipantRequest request;
  request.set_identity("alice");
  request.mutable_permission()->set_can_subscribe(true);
  const auto updated = Update(request);
  ASSERT_TRUE(updated);
  EXPECT_FALSE(updated->permission().can_publish());
  EXPECT_EQ(updated->tracks_size(), 0);
  EXPECT_EQ(room_.Last(alice_, SignalResponse::kTrackUnpublished)->track_unpublished().track_sid(),
            info.sid());
  EXPECT_TRUE(room_.Known(bob_, "alice")->tracks().empty());
  EXPECT_TRUE(room_.LatestSenders(bob_).empty());
  // The section still sends, but feeds nothing any more.
  EXPECT_EQ(room_.LatestReceivers(alice_)[0].track(), 0u);
  EXPECT_EQ(room_.AddTrack(alice_, "new", livekit::VIDEO, livekit::CAMERA).sid(), info.sid());
}

TEST_F(ModerationTest, LostAndRegainedSubscribeRight) {
  TestPeer peer;
  room_.Publish(alice_, peer, livekit::AUDIO, livekit::MICROPHONE);
  room_.AnswerLatestOffer(bob_);
  livekit::UpdateParticipantRequest request;
  request.set_identity("bob");
  request.mutable_permission()->set_can_publish(true);
  ASSERT_TRUE(Update(request));
  EXPECT_TRUE(room_.LatestSenders(bob_).empty());
  request.mutable_permission()->set_can_subscribe(true);
  ASSERT_TRUE(Update(request));
  for (int i = 0; i < 3; ++i) {
    room_.Advance(absl::Seconds(1));
    room_.AnswerLatestOffer(bob_);
  }
  EXPECT_EQ(room_.LatestSenders(bob_).size(), 1u);
}

TEST_F(ModerationTest, PermissionShowsInTheNextToken) {
  livekit::UpdateParticipantRequest request;
  request.set_identity("bob");
  request.mutable_permission()->set_can_subscribe(true);
  request.mutable_permission()->set_can_publish(true);
  request.mutable_permission()->add_can_publish_sources(livekit::MICROPHONE);
  ASSERT_TRUE(Update(request));
  const auto claims =
      auth::VerifyToken(room_.Last(bob_, SignalResponse::kRefreshToken)->refresh_token(),
                        {{"key", "secret"}}, room_.Now().wall);
  EXPECT_THAT(claims->video->can_publish_sources, testing::ElementsAre("microphone"));
  EXPECT_FALSE(claims->video->CanPublishData());
}

TEST_F(ModerationTest, Trap34_ServerMuteIsAnOrderBeforeItIsAnUpdate) {
  TestPeer peer;
  const livekit::TrackInfo info = room_.Publish(alice_, peer, livekit::AUDIO, livekit::MICROPHONE);
  room_.ClearInboxes();
  const auto muted = room_.Do(
      [&](Room& room) { return room.MutePublishedTrack(room_.Now(), "alice", info.sid(), true); });
  ASSERT_TRUE(muted);
  EXPECT_TRUE((*muted)->muted());
  EXPECT_THAT(room_.Cases(alice_),
              testing::ElementsAre(SignalResponse::kMute, SignalResponse::kUpdate));
  EXPECT_TRUE(room_.Known(bob_, "alice")->tracks(0).muted());

  const auto unmuted = room_.room().MutePublishedTrack(room_.Now(), "alice", info.sid(), false);
  EXPECT_EQ(unmuted.error(), ApiRefusal::kRemoteUnmuteDisabled);
  const auto unknown = room_.room().MutePublishedTrack(room_.Now(), "alice", "TR_x", true);
  ASSERT_TRUE(unknown);
  EXPECT_FALSE(*unknown);
}

TEST_F(ModerationTest, RemovedParticipantsAreTold) {
  const auto removed =
      room_.Do([&](Room& room) { return room.RemoveParticipant(room_.Now(), "alice"); });
  ASSERT_TRUE(removed);
  EXPECT_EQ(room_.Inbox(alice_).back().leave().reason(), livekit::PARTICIPANT_REMOVED);
  EXPECT_EQ(room_.room().RemoveParticipant(room_.Now(), "alice").error(),
            ApiRefusal::kParticipantNotFound);
}

TEST_F(ModerationTest, RoomMetadataIsToldAtOnceAndCountsSeldom) {
  room_.Do([&](Room& room) {
    room.UpdateMetadata(room_.Now(), "theme");
    return 0;
  });
  EXPECT_EQ(room_.Last(bob_, SignalResponse::kRoomUpdate)->room_update().room().metadata(),
            "theme");
  room_.Advance(absl::Seconds(6));
  room_.ClearInboxes();
  for (int i = 0; i < 5; ++i) {
    room_.Join("guest" + std::to_string(i));
  }
  EXPECT_EQ(room_.Count(bob_, SignalResponse::kRoomUpdate), 1u);
  room_.Advance(absl::Seconds(5));
  EXPECT_EQ(room_.Count(bob_, SignalResponse::kRoomUpdate), 2u);
  EXPECT_EQ(room_.Last(bob_, SignalResponse::kRoomUpdate)->room_update().room().num_participants(),
            7u);
}

TEST_F(ModerationTest, ConfigureOverwritesOnlyWhatIsSet) {
  livekit::CreateRoomRequest request;
  request.set_max_participants(3);
  room_.Do([&](Room& room) {
    room.Configure(room_.Now(), request);
    return 0;
  });
  EXPECT_EQ(room_.room().ToProto().max_participants(), 3u);
  EXPECT_EQ(room_.room().ToProto().empty_timeout(), 300u);
}

TEST_F(ModerationTest, DataGoesToThoseNamedOnly) {
  livekit::SendDataRequest request;
  request.set_data("hello");
  request.set_nonce("0123456789abcdef");
  request.add_destination_identities("bob");
  const auto send = [&] {
    room_.Do([&](Room& room) {
      room.SendData(room_.Now(), request);
      return 0;
    });
    return room_.CommandsOf(TestRoom::Command::kSendData);
  };
  ASSERT_EQ(send().size(), 1u);
  const auto command = send().back().send_data();
  EXPECT_EQ(room_.CommandsOf(TestRoom::Command::kSendData).size(), 1u) << "same nonce";
  ASSERT_EQ(command.participants_size(), 1);
  EXPECT_EQ(command.participants(0), room_.ParticipantOf(bob_));
  livekit::DataPacket packet;
  ASSERT_TRUE(packet.ParseFromString(command.packet()));
  EXPECT_EQ(packet.user().payload(), "hello");
  EXPECT_TRUE(packet.participant_identity().empty());

  request.clear_destination_identities();
  request.add_destination_identities("nobody");
  request.clear_nonce();
  EXPECT_EQ(send().size(), 1u) << "an unknown address is not everybody";
}

TEST_F(ModerationTest, ServerSubscriptionsWorkLikeTheClients) {
  JoinParameters parameters = TestJoin("carol");
  parameters.auto_subscribe = false;
  const SessionId carol = room_.JoinActive(std::move(parameters));
  TestPeer peer;
  const livekit::TrackInfo info = room_.Publish(alice_, peer, livekit::AUDIO, livekit::MICROPHONE);
  livekit::UpdateSubscriptionsRequest request;
  request.set_identity("carol");
  request.add_track_sids(info.sid());
  request.set_subscribe(true);
  ASSERT_TRUE(room_.Do([&](Room& room) { return room.UpdateSubscriptions(room_.Now(), request); }));
  room_.Advance(absl::Seconds(1));
  room_.AnswerLatestOffer(carol);
  EXPECT_EQ(room_.LatestSenders(carol).size(), 1u);
}

}  // namespace
}  // namespace sfu::room
