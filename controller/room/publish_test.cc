#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/room/test_room.h"

// What publishers see, and others of them.
namespace sfu::room {
namespace {

using livekit::RequestResponse;
using livekit::SignalResponse;
using testing::ElementsAre;

livekit::SignalRequest AddTrackRequest(std::string_view cid,
                                       livekit::TrackType type = livekit::VIDEO) {
  livekit::SignalRequest request;
  request.mutable_add_track()->set_cid(std::string(cid));
  request.mutable_add_track()->set_type(type);
  request.mutable_add_track()->set_source(type == livekit::VIDEO ? livekit::CAMERA
                                                                 : livekit::MICROPHONE);
  return request;
}

class PublishTest : public testing::Test {
 protected:
  RequestResponse::Reason ReasonOf(SessionId session) {
    const SignalResponse* response = room_.Last(session, SignalResponse::kRequestResponse);
    return response == nullptr ? RequestResponse::OK : response->request_response().reason();
  }

  TestRoom room_;
  TestPeer peer_;
};

TEST_F(PublishTest, OthersSeeATrackOnceItsMediaFlows) {
  const SessionId alice = room_.JoinActive("alice");
  const SessionId bob = room_.JoinActive("bob");
  room_.ClearInboxes();
  const livekit::TrackInfo info = room_.AddTrack(alice, "cid", livekit::VIDEO, livekit::CAMERA);
  peer_.AddMedia("video", "sendonly", "cid");
  room_.Offer(alice, peer_.Offer(1));
  room_.Advance(absl::Seconds(5));
  EXPECT_TRUE(!room_.Known(bob, "alice") || room_.Known(bob, "alice")->tracks().empty());

  room_.StartMedia(alice);
  const auto known = room_.Known(bob, "alice");
  ASSERT_TRUE(known);
  ASSERT_EQ(known->tracks_size(), 1);
  EXPECT_TRUE(known->is_publisher());
  EXPECT_EQ(known->tracks(0).sid(), info.sid());
  EXPECT_EQ(known->tracks(0).mime_type(), "video/VP8");
  EXPECT_EQ(known->tracks(0).mid(), "0");
  EXPECT_EQ(room_.room().ToProto().num_publishers(), 1u);
}

TEST_F(PublishTest, Trap13_TrackPublishedDoesNotWaitForAnything) {
  room_.HoldResults();
  const SessionId alice = room_.Join("alice");
  const livekit::TrackInfo info = room_.AddTrack(alice, "cid", livekit::AUDIO, livekit::MICROPHONE);
  EXPECT_EQ(info.sid().substr(0, 5), "TR_AM");
  EXPECT_EQ(info.sid().size(), 17u);
  EXPECT_EQ(info.source(), livekit::MICROPHONE);
  EXPECT_TRUE(info.mime_type().empty());
}

TEST_F(PublishTest, Trap14_OfferBeforeAddTrackIsParkedAndMappedLater) {
  const SessionId alice = room_.JoinActive("alice");
  peer_.AddMedia("video", "sendonly", "cid");
  room_.Offer(alice, peer_.Offer(1));
  const SignalResponse* answer = room_.Last(alice, SignalResponse::kAnswer);
  ASSERT_NE(answer, nullptr);
  EXPECT_THAT(answer->answer().sdp(), testing::HasSubstr("a=recvonly"));
  ASSERT_EQ(room_.LatestReceivers(alice).size(), 1u);
  EXPECT_EQ(room_.LatestReceivers(alice)[0].track(), 0u);

  room_.AddTrack(alice, "cid", livekit::VIDEO, livekit::CAMERA);
  ASSERT_EQ(room_.LatestReceivers(alice).size(), 1u);
  EXPECT_NE(room_.LatestReceivers(alice)[0].track(), 0u);
  room_.StartMedia(alice);
  EXPECT_EQ(room_.room().FindParticipant("alice")->tracks_size(), 1);
}

TEST_F(PublishTest, Trap15_SameCidWhilePendingKeepsItsSid) {
  const SessionId alice = room_.JoinActive("alice");
  const livekit::TrackInfo first = room_.AddTrack(alice, "cid", livekit::VIDEO, livekit::CAMERA);
  room_.ClearInboxes();
  const livekit::TrackInfo second = room_.AddTrack(alice, "cid", livekit::VIDEO, livekit::CAMERA);
  EXPECT_EQ(first.sid(), second.sid());
}

TEST_F(PublishTest, Trap15_UnknownTrackIdTakesTheOldestPendingOfItsKind) {
  const SessionId alice = room_.JoinActive("alice");
  room_.AddTrack(alice, "mic", livekit::AUDIO, livekit::MICROPHONE);
  const livekit::TrackInfo camera =
      room_.AddTrack(alice, "camera", livekit::VIDEO, livekit::CAMERA);
  room_.AddTrack(alice, "screen", livekit::VIDEO, livekit::SCREEN_SHARE);
  peer_.AddMedia("video", "sendonly", "reused-transceiver");
  room_.Offer(alice, peer_.Offer(1));
  room_.StartMedia(alice);
  const auto info = room_.room().FindParticipant("alice");
  ASSERT_EQ(info->tracks_size(), 1);
  EXPECT_EQ(info->tracks(0).sid(), camera.sid());
  EXPECT_EQ(info->tracks(0).codecs(0).sdp_cid(), "reused-transceiver");
}

TEST_F(PublishTest, Trap15_AGuessNeverTakesWhatAnotherSectionNames) {
  const SessionId alice = room_.JoinActive("alice");
  const livekit::TrackInfo named = room_.AddTrack(alice, "named", livekit::VIDEO, livekit::CAMERA);
  const livekit::TrackInfo other =
      room_.AddTrack(alice, "other", livekit::VIDEO, livekit::SCREEN_SHARE);
  peer_.AddMedia("video", "sendonly", "strange");
  peer_.AddMedia("video", "sendonly", "named");
  room_.Offer(alice, peer_.Offer(1));
  room_.StartMedia(alice);
  const auto info = room_.room().FindParticipant("alice");
  ASSERT_EQ(info->tracks_size(), 2);
  EXPECT_EQ(info->tracks(0).sid(), named.sid());
  EXPECT_EQ(info->tracks(0).mid(), "1");
  EXPECT_EQ(info->tracks(1).sid(), other.sid());
  EXPECT_EQ(info->tracks(1).mid(), "0");
}

TEST_F(PublishTest, Trap16_UnpublishIsASectionThatStops) {
  const SessionId alice = room_.JoinActive("alice");
  const SessionId bob = room_.JoinActive("bob");
  room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA);
  room_.AnswerLatestOffer(bob);
  ASSERT_EQ(room_.LatestSenders(bob).size(), 1u);
  room_.ClearInboxes();

  peer_.SetDirection("0", "inactive");
  room_.Offer(alice, peer_.Offer(9));
  EXPECT_TRUE(room_.Known(bob, "alice")->tracks().empty());
  EXPECT_TRUE(room_.LatestSenders(bob).empty());
  room_.Advance(absl::Seconds(1));
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 1u);
}

TEST_F(PublishTest, Trap17_RepublishOfALiveCidIsQueuedUntilTheOldEnds) {
  const SessionId alice = room_.JoinActive("alice");
  const livekit::TrackInfo first = room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA);
  room_.ClearInboxes();
  room_.Request(alice, AddTrackRequest("cid"));
  EXPECT_EQ(ReasonOf(alice), RequestResponse::QUEUED);
  EXPECT_EQ(room_.Count(alice, SignalResponse::kTrackPublished), 0u);

  peer_.SetDirection("0", "inactive");
  room_.Offer(alice, peer_.Offer(9));
  const SignalResponse* published = room_.Last(alice, SignalResponse::kTrackPublished);
  ASSERT_NE(published, nullptr);
  EXPECT_EQ(published->track_published().cid(), "cid");
  EXPECT_NE(published->track_published().track().sid(), first.sid());
}

TEST_F(PublishTest, Trap17_OneOfferMayEndTheOldAndCarryTheNew) {
  const SessionId alice = room_.JoinActive("alice");
  const livekit::TrackInfo first = room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA);
  room_.Request(alice, AddTrackRequest("cid"));
  peer_.SetDirection("0", "inactive");
  peer_.AddMedia("video", "sendonly", "cid");
  room_.Offer(alice, peer_.Offer(9));
  room_.StartMedia(alice);
  const auto info = room_.room().FindParticipant("alice");
  ASSERT_EQ(info->tracks_size(), 1);
  EXPECT_NE(info->tracks(0).sid(), first.sid());
  EXPECT_EQ(info->tracks(0).mid(), "1");
}

TEST_F(PublishTest, Trap17_AtMostThreeWaitForOneCid) {
  const SessionId alice = room_.JoinActive("alice");
  room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA);
  for (int i = 0; i < 3; ++i) {
    room_.Request(alice, AddTrackRequest("cid"));
    EXPECT_EQ(ReasonOf(alice), RequestResponse::QUEUED);
  }
  room_.Request(alice, AddTrackRequest("cid"));
  EXPECT_EQ(ReasonOf(alice), RequestResponse::LIMIT_EXCEEDED);
}

TEST_F(PublishTest, Trap18_BackupCodecFeedsTheSameTrack) {
  const SessionId alice = room_.JoinActive("alice");
  livekit::SignalRequest request = AddTrackRequest("cid");
  request.mutable_add_track()->add_simulcast_codecs()->set_codec("vp9");
  request.mutable_add_track()->mutable_simulcast_codecs(0)->set_cid("cid");
  request.mutable_add_track()->add_simulcast_codecs()->set_codec("vp8");
  room_.Request(alice, request);
  const std::string sid =
      room_.Last(alice, SignalResponse::kTrackPublished)->track_published().track().sid();
  peer_.AddMedia("video", "sendonly", "cid");
  room_.Offer(alice, peer_.Offer(1));
  room_.StartMedia(alice);

  livekit::SignalRequest backup = AddTrackRequest("clone");
  backup.mutable_add_track()->set_sid(sid);
  backup.mutable_add_track()->add_simulcast_codecs()->set_codec("vp8");
  backup.mutable_add_track()->mutable_simulcast_codecs(0)->set_cid("clone");
  room_.Request(alice, backup);
  const livekit::TrackPublishedResponse& published =
      room_.Last(alice, SignalResponse::kTrackPublished)->track_published();
  EXPECT_EQ(published.cid(), "clone");
  EXPECT_EQ(published.track().sid(), sid);
  EXPECT_EQ(published.track().codecs_size(), 2);

  peer_.AddMedia("video", "sendonly", "clone");
  room_.Offer(alice, peer_.Offer(2));
  const auto receivers = room_.LatestReceivers(alice);
  ASSERT_EQ(receivers.size(), 2u);
  EXPECT_EQ(receivers[0].track(), receivers[1].track());
  EXPECT_EQ(room_.room().FindParticipant("alice")->tracks_size(), 1);
}

TEST_F(PublishTest, Trap22_AnswersCarryTheOffersId) {
  const SessionId alice = room_.JoinActive("alice");
  for (const uint32_t id : {1u, 7u, 0u}) {
    peer_.AddMedia("audio", "sendonly", "x" + std::to_string(id));
    room_.Offer(alice, peer_.Offer(id));
    EXPECT_EQ(room_.Last(alice, SignalResponse::kAnswer)->answer().id(), id);
  }
}

TEST_F(PublishTest, AnswerWaitsForTheWorker) {
  const SessionId alice = room_.JoinActive("alice");
  room_.HoldResults();
  peer_.AddMedia("audio", "sendonly", "cid");
  room_.Offer(alice, peer_.Offer(1));
  EXPECT_EQ(room_.Count(alice, SignalResponse::kAnswer), 0u);
  room_.ReleaseResults();
  EXPECT_EQ(room_.Count(alice, SignalResponse::kAnswer), 1u);
}

TEST_F(PublishTest, OfferThatOvertakesTheWorkerReplacesTheFormer) {
  const SessionId alice = room_.JoinActive("alice");
  room_.HoldResults();
  peer_.AddMedia("audio", "sendonly", "a");
  room_.Offer(alice, peer_.Offer(1));
  peer_.AddMedia("audio", "sendonly", "b");
  room_.Offer(alice, peer_.Offer(2));
  room_.ReleaseResults();
  EXPECT_EQ(room_.Count(alice, SignalResponse::kAnswer), 1u);
  EXPECT_EQ(room_.Last(alice, SignalResponse::kAnswer)->answer().id(), 2u);
  EXPECT_EQ(room_.LatestReceivers(alice).size(), 2u);
}

TEST_F(PublishTest, UnusableOfferMakesTheClientConnectAnew) {
  const SessionId alice = room_.JoinActive("alice");
  livekit::SessionDescription nonsense;
  nonsense.set_type("offer");
  nonsense.set_sdp("nonsense");
  room_.Offer(alice, nonsense);
  EXPECT_EQ(room_.Last(alice, SignalResponse::kLeave)->leave().action(),
            livekit::LeaveRequest::RECONNECT);
}

TEST_F(PublishTest, RefusalsHaveTheirReasons) {
  JoinParameters parameters = TestJoin("alice");
  parameters.claims.video->can_publish_sources = {"microphone"};
  const SessionId alice = room_.JoinActive(std::move(parameters));
  room_.Request(alice, AddTrackRequest("cid"));
  EXPECT_EQ(ReasonOf(alice), RequestResponse::NOT_ALLOWED);

  const SessionId bob = room_.JoinActive("bob");
  room_.Request(bob, AddTrackRequest("cid", livekit::DATA));
  EXPECT_EQ(ReasonOf(bob), RequestResponse::UNSUPPORTED_TYPE);
  livekit::SignalRequest unknown = AddTrackRequest("cid");
  unknown.mutable_add_track()->set_sid("TR_unknown");
  room_.Request(bob, unknown);
  EXPECT_EQ(ReasonOf(bob), RequestResponse::NOT_FOUND);
  EXPECT_EQ(room_.Last(bob, SignalResponse::kRequestResponse)->request_response().add_track().sid(),
            "TR_unknown");
  for (int i = 0; i < 20; ++i) {
    room_.Request(bob, AddTrackRequest("pending" + std::to_string(i)));
  }
  EXPECT_EQ(room_.Count(bob, SignalResponse::kTrackPublished), 20u);
  room_.Request(bob, AddTrackRequest("one too many"));
  EXPECT_EQ(ReasonOf(bob), RequestResponse::LIMIT_EXCEEDED);
}

TEST_F(PublishTest, OldRustClientsGetNoRequestResponse) {
  JoinParameters parameters = TestJoin("alice");
  parameters.client.set_sdk(livekit::ClientInfo::RUST);
  parameters.client.set_protocol(9);
  const SessionId alice = room_.JoinActive(std::move(parameters));
  room_.Request(alice, AddTrackRequest("cid", livekit::DATA));
  EXPECT_EQ(room_.Count(alice, SignalResponse::kRequestResponse), 0u);
}

TEST_F(PublishTest, MuteIsSeenByAllAndByTheWorker) {
  const SessionId alice = room_.JoinActive("alice");
  const SessionId bob = room_.JoinActive("bob");
  const livekit::TrackInfo info = room_.Publish(alice, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.ClearInboxes();
  livekit::SignalRequest mute;
  mute.mutable_mute()->set_sid(info.sid());
  mute.mutable_mute()->set_muted(true);
  room_.Request(alice, mute);
  EXPECT_TRUE(room_.Known(bob, "alice")->tracks(0).muted());
  EXPECT_TRUE(room_.Known(alice, "alice")->tracks(0).muted());
  ASSERT_EQ(room_.CommandsOf(TestRoom::Command::kSetTrackMuted).size(), 1u);

  mute.mutable_mute()->set_sid("TR_unknown");
  room_.Request(alice, mute);
  EXPECT_EQ(ReasonOf(alice), RequestResponse::NOT_FOUND);
}

TEST_F(PublishTest, Trap34_MuteWhilePendingShowsInTheFirstUpdate) {
  const SessionId alice = room_.JoinActive("alice");
  const livekit::TrackInfo info = room_.AddTrack(alice, "cid", livekit::VIDEO, livekit::CAMERA);
  livekit::SignalRequest mute;
  mute.mutable_mute()->set_sid(info.sid());
  mute.mutable_mute()->set_muted(true);
  room_.Request(alice, mute);
  peer_.AddMedia("video", "sendonly", "cid");
  room_.Offer(alice, peer_.Offer(1));
  room_.StartMedia(alice);
  EXPECT_TRUE(room_.Known(alice, "alice")->tracks(0).muted());
  EXPECT_EQ(room_.CommandsOf(TestRoom::Command::kSetTrackMuted).size(), 1u);
}

TEST_F(PublishTest, Trap33_VersionsRiseAndTrackListsAreComplete) {
  const SessionId alice = room_.JoinActive("alice");
  const SessionId bob = room_.JoinActive("bob");
  room_.Publish(alice, peer_, livekit::AUDIO, livekit::MICROPHONE, "mic");
  room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA, "cam");
  const std::string sid = room_.room().FindParticipant("alice")->tracks(0).sid();
  for (const bool muted : {true, false, true}) {
    livekit::SignalRequest mute;
    mute.mutable_mute()->set_sid(sid);
    mute.mutable_mute()->set_muted(muted);
    room_.Request(alice, mute);
  }
  room_.Advance(absl::Seconds(5));
  for (const SessionId receiver : {alice, bob}) {
    uint32_t version = 0;
    for (const SignalResponse& response : room_.Inbox(receiver)) {
      for (const livekit::ParticipantInfo& info : response.update().participants()) {
        if (info.identity() == "alice") {
          EXPECT_GE(info.version(), version);
          version = info.version();
        }
      }
    }
    EXPECT_EQ(room_.Known(receiver, "alice")->tracks_size(), 2);
  }
}

TEST_F(PublishTest, FeaturesAndDimensionsAreUpdated) {
  const SessionId alice = room_.JoinActive("alice");
  const livekit::TrackInfo mic =
      room_.Publish(alice, peer_, livekit::AUDIO, livekit::MICROPHONE, "mic");
  const livekit::TrackInfo camera =
      room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA, "cam");
  livekit::SignalRequest audio;
  audio.mutable_update_audio_track()->set_track_sid(mic.sid());
  audio.mutable_update_audio_track()->add_features(livekit::TF_STEREO);
  room_.Request(alice, audio);
  livekit::SignalRequest video;
  video.mutable_update_video_track()->set_track_sid(camera.sid());
  video.mutable_update_video_track()->set_width(640);
  video.mutable_update_video_track()->set_height(360);
  room_.Request(alice, video);
  const auto info = room_.Known(alice, "alice");
  EXPECT_TRUE(info->tracks(0).stereo());
  EXPECT_EQ(info->tracks(1).width(), 640u);

  video.mutable_update_video_track()->set_track_sid(mic.sid());
  room_.Request(alice, video);
  EXPECT_EQ(ReasonOf(alice), RequestResponse::NOT_FOUND);
}

TEST_F(PublishTest, Trap36_QualitiesAreAllThreeOfTheCodecInUse) {
  const SessionId alice = room_.JoinActive("alice");
  room_.JoinActive("bob");
  const livekit::TrackInfo info = room_.Publish(alice, peer_, livekit::VIDEO, livekit::CAMERA);
  const SignalResponse* response = room_.Last(alice, SignalResponse::kSubscribedQualityUpdate);
  ASSERT_NE(response, nullptr);
  const livekit::SubscribedQualityUpdate& update = response->subscribed_quality_update();
  EXPECT_EQ(update.track_sid(), info.sid());
  ASSERT_EQ(update.subscribed_codecs_size(), 1);
  EXPECT_EQ(update.subscribed_codecs(0).codec(), "vp8");
  ASSERT_EQ(update.subscribed_codecs(0).qualities_size(), 3);
  for (const livekit::SubscribedQuality& quality : update.subscribed_codecs(0).qualities()) {
    EXPECT_TRUE(quality.enabled());
  }
  EXPECT_EQ(update.subscribed_qualities_size(), 3);
}

TEST_F(PublishTest, TrickleNonsenseIsAnswered) {
  const SessionId alice = room_.JoinActive("alice");
  livekit::SignalRequest trickle;
  trickle.mutable_trickle()->set_candidateinit("{");
  room_.Request(alice, trickle);
  EXPECT_EQ(ReasonOf(alice), RequestResponse::UNCLASSIFIED_ERROR);
}

TEST_F(PublishTest, DataTracksAreRefusedNotIgnored) {
  const SessionId alice = room_.JoinActive("alice");
  livekit::SignalRequest publish;
  publish.mutable_publish_data_track_request()->set_pub_handle(5);
  room_.Request(alice, publish);
  EXPECT_EQ(ReasonOf(alice), RequestResponse::NOT_ALLOWED);
  EXPECT_EQ(room_.Last(alice, SignalResponse::kRequestResponse)
                ->request_response()
                .publish_data_track()
                .pub_handle(),
            5u);
}

// There are no data tracks to subscribe to yet: the complete map is the empty one.
TEST_F(PublishTest, Trap39_EveryDataSubscriptionIsAnsweredWithTheWholeMap) {
  const SessionId alice = room_.JoinActive("alice");
  livekit::SignalRequest subscribe;
  subscribe.mutable_update_data_subscription()->add_updates()->set_track_sid("DTR_unknown");
  room_.Request(alice, subscribe);
  room_.Request(alice, subscribe);
  EXPECT_EQ(room_.Count(alice, SignalResponse::kDataTrackSubscriberHandles), 2u);
  EXPECT_EQ(room_.Last(alice, SignalResponse::kDataTrackSubscriberHandles)
                ->data_track_subscriber_handles()
                .sub_handles_size(),
            0);
}

}  // namespace
}  // namespace sfu::room
