#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/room/test_room.h"

// What subscribers receive, and when they hear of it.
namespace sfu::room {
namespace {

using livekit::SignalResponse;
using testing::ElementsAre;

class SubscribeTest : public testing::Test {
 protected:
  SubscribeTest() : alice_(room_.JoinActive("alice")) {}

  worker::v1::RoomEvent SubscriptionActive(uint64_t sender) {
    worker::v1::RoomEvent event;
    event.mutable_subscription_active()->set_sender(sender);
    return event;
  }
  worker::v1::RoomEvent Speaking(SessionId session, float level) {
    worker::v1::RoomEvent event;
    worker::v1::SpeakersChanged::Speaker& speaker =
        *event.mutable_speakers_changed()->add_speakers();
    speaker.set_participant(room_.ParticipantOf(session));
    speaker.set_level(level);
    speaker.set_active(level > 0);
    return event;
  }

  TestRoom room_;
  TestPeer peer_;
  SessionId alice_;
};

TEST_F(SubscribeTest, NewTracksReachActiveSubscribers) {
  const SessionId bob = room_.JoinActive("bob");
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  ASSERT_TRUE(room_.AnswerLatestOffer(bob));
  const auto senders = room_.LatestSenders(bob);
  ASSERT_EQ(senders.size(), 1u);
  EXPECT_EQ(senders[0].track(), room_.LatestReceivers(alice_)[0].track());
  const auto& offer = room_.Last(bob, SignalResponse::kOffer)->offer();
  EXPECT_EQ(offer.mid_to_track_id().at(senders[0].mid()), info.sid());
}

TEST_F(SubscribeTest, Trap19_UpdateComesBeforeTheDescription) {
  const SessionId bob = room_.JoinActive("bob");
  room_.ClearInboxes();
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::VIDEO, livekit::CAMERA);
  bool known = false;
  bool offered = false;
  for (const SignalResponse& response : room_.Inbox(bob)) {
    for (const livekit::ParticipantInfo& participant : response.update().participants()) {
      known = known || (participant.identity() == "alice" && participant.tracks_size() == 1);
    }
    if (response.offer().sdp().find(info.sid()) != std::string::npos) {
      offered = true;
      EXPECT_TRUE(known);
    }
  }
  EXPECT_TRUE(offered);
}

TEST_F(SubscribeTest, Trap20_StreamIdIsParticipantAndTrack) {
  const SessionId bob = room_.JoinActive("bob");
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::VIDEO, livekit::CAMERA);
  EXPECT_THAT(room_.Last(bob, SignalResponse::kOffer)->offer().sdp(),
              testing::HasSubstr("a=msid:" + room_.room().FindParticipant("alice")->sid() + "|" +
                                 info.sid() + " " + info.sid()));
}

TEST_F(SubscribeTest, ExistingTracksAreInTheFirstOffer) {
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  const SessionId bob = room_.Join("bob");
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 1u);
  EXPECT_THAT(room_.Last(bob, SignalResponse::kOffer)->offer().sdp(),
              testing::HasSubstr(info.sid()));
}

TEST_F(SubscribeTest, TracksPublishedWhileJoiningComeWhenActive) {
  const SessionId bob = room_.Join("bob");
  room_.AnswerLatestOffer(bob);
  room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 1u);
  room_.Connect(bob);
  room_.Advance(absl::Seconds(1));
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 2u);
}

TEST_F(SubscribeTest, WithoutAutoSubscribeNothingComesUnasked) {
  JoinParameters parameters = TestJoin("bob");
  parameters.auto_subscribe = false;
  const SessionId bob = room_.JoinActive(std::move(parameters));
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 1u);
  room_.Subscribe(bob, info.sid(), true);
  room_.Advance(absl::Seconds(1));
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 2u);
}

TEST_F(SubscribeTest, SidInBothListsSubscribesOnce) {
  JoinParameters parameters = TestJoin("bob");
  parameters.auto_subscribe = false;
  const SessionId bob = room_.JoinActive(std::move(parameters));
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  livekit::SignalRequest request;
  request.mutable_subscription()->set_subscribe(true);
  request.mutable_subscription()->add_track_sids(info.sid());
  request.mutable_subscription()->add_participant_tracks()->add_track_sids(info.sid());
  room_.Request(bob, request);
  room_.Request(bob, request);
  room_.Advance(absl::Seconds(1));
  room_.AnswerLatestOffer(bob);
  EXPECT_EQ(room_.LatestSenders(bob).size(), 1u);
}

TEST_F(SubscribeTest, DeliberateUnsubscribeStays) {
  const SessionId bob = room_.JoinActive("bob");
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.AnswerLatestOffer(bob);
  room_.Subscribe(bob, info.sid(), false);
  EXPECT_TRUE(room_.LatestSenders(bob).empty());
  room_.Connect(bob);
  room_.Advance(absl::Seconds(10));
  room_.AnswerLatestOffer(bob);
  EXPECT_TRUE(room_.LatestSenders(bob).empty());
  room_.Subscribe(bob, info.sid(), true);
  room_.Advance(absl::Seconds(1));
  room_.AnswerLatestOffer(bob);
  EXPECT_EQ(room_.LatestSenders(bob).size(), 1u);
}

TEST_F(SubscribeTest, UnknownTrackIsGivenUpAfterAMinute) {
  room_.Subscribe(alice_, "TR_nowhere", true);
  room_.Advance(absl::Seconds(59));
  EXPECT_EQ(room_.Count(alice_, SignalResponse::kSubscriptionResponse), 0u);
  room_.Advance(absl::Seconds(1));
  const SignalResponse* response = room_.Last(alice_, SignalResponse::kSubscriptionResponse);
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(response->subscription_response().err(), livekit::SE_TRACK_NOTFOUND);
}

TEST_F(SubscribeTest, UndecodableTrackIsRefusedAtOnce) {
  JoinParameters parameters = TestJoin("bob");
  parameters.client_configuration.mutable_disabled_codecs()->add_codecs()->set_mime("video/VP8");
  const SessionId bob = room_.JoinActive(std::move(parameters));
  room_.Publish(alice_, peer_, livekit::VIDEO, livekit::CAMERA);
  const SignalResponse* response = room_.Last(bob, SignalResponse::kSubscriptionResponse);
  ASSERT_NE(response, nullptr);
  EXPECT_EQ(response->subscription_response().err(), livekit::SE_CODEC_UNSUPPORTED);
}

TEST_F(SubscribeTest, BurstOfTracksSharesAnOffer) {
  const SessionId bob = room_.JoinActive("bob");
  room_.AddTrack(alice_, "a", livekit::AUDIO, livekit::MICROPHONE);
  room_.AddTrack(alice_, "b", livekit::VIDEO, livekit::CAMERA);
  peer_.AddMedia("audio", "sendonly", "a");
  peer_.AddMedia("video", "sendonly", "b");
  room_.Offer(alice_, peer_.Offer(1));
  room_.ClearInboxes();
  room_.StartMedia(alice_);
  room_.Advance(absl::Seconds(1));
  EXPECT_EQ(room_.Count(bob, SignalResponse::kOffer), 1u);
  EXPECT_EQ(room_.Last(bob, SignalResponse::kOffer)->offer().mid_to_track_id_size(), 2);
}

TEST_F(SubscribeTest, SettingsBecomeLayers) {
  const SessionId bob = room_.JoinActive("bob");
  livekit::SignalRequest add;
  add.mutable_add_track()->set_cid("cid");
  add.mutable_add_track()->set_type(livekit::VIDEO);
  add.mutable_add_track()->set_source(livekit::CAMERA);
  for (const auto& [quality, width] :
       {std::pair(livekit::LOW, 320u), std::pair(livekit::MEDIUM, 640u),
        std::pair(livekit::HIGH, 1280u)}) {
    livekit::VideoLayer& layer = *add.mutable_add_track()->add_layers();
    layer.set_quality(quality);
    layer.set_width(width);
    layer.set_height(width * 9 / 16);
  }
  room_.Request(alice_, add);
  const std::string sid =
      room_.Last(alice_, SignalResponse::kTrackPublished)->track_published().track().sid();
  peer_.AddMedia("video", "sendonly", "cid");
  room_.Offer(alice_, peer_.Offer(1));
  room_.StartMedia(alice_);

  const auto latest = [&] {
    return room_.CommandsOf(TestRoom::Command::kConfigureSubscription)
        .back()
        .configure_subscription();
  };
  EXPECT_EQ(latest().max_spatial_layer(), 2u);
  livekit::SignalRequest request;
  request.mutable_track_setting()->add_track_sids(sid);
  request.mutable_track_setting()->set_width(600);
  request.mutable_track_setting()->set_height(300);
  room_.Request(bob, request);
  EXPECT_EQ(latest().max_spatial_layer(), 1u);
  request.mutable_track_setting()->set_disabled(true);
  room_.Request(bob, request);
  EXPECT_TRUE(latest().disabled());
  request.mutable_track_setting()->set_disabled(false);
  request.mutable_track_setting()->set_width(0);
  request.mutable_track_setting()->set_quality(livekit::LOW);
  room_.Request(bob, request);
  EXPECT_FALSE(latest().disabled());
  EXPECT_EQ(latest().max_spatial_layer(), 0u);
}

TEST_F(SubscribeTest, SettingsMayComeBeforeTheSubscription) {
  JoinParameters parameters = TestJoin("bob");
  parameters.auto_subscribe = false;
  const SessionId bob = room_.JoinActive(std::move(parameters));
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::VIDEO, livekit::CAMERA);
  livekit::SignalRequest request;
  request.mutable_track_setting()->add_track_sids(info.sid());
  request.mutable_track_setting()->set_disabled(true);
  room_.Request(bob, request);
  room_.Subscribe(bob, info.sid(), true);
  const auto configured = room_.CommandsOf(TestRoom::Command::kConfigureSubscription);
  ASSERT_EQ(configured.size(), 1u);
  EXPECT_TRUE(configured[0].configure_subscription().disabled());
}

TEST_F(SubscribeTest, AdaptiveStreamStartsLow) {
  JoinParameters parameters = TestJoin("bob");
  parameters.adaptive_stream = true;
  room_.JoinActive(std::move(parameters));
  room_.Publish(alice_, peer_, livekit::VIDEO, livekit::CAMERA);
  EXPECT_EQ(room_.CommandsOf(TestRoom::Command::kConfigureSubscription)
                .back()
                .configure_subscription()
                .max_spatial_layer(),
            0u);
}

TEST_F(SubscribeTest, PublisherDecidesWhoSees) {
  const SessionId bob = room_.JoinActive("bob");
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.AnswerLatestOffer(bob);
  ASSERT_EQ(room_.LatestSenders(bob).size(), 1u);
  const SignalResponse* first = room_.Last(bob, SignalResponse::kSubscriptionPermissionUpdate);
  ASSERT_NE(first, nullptr);
  EXPECT_TRUE(first->subscription_permission_update().allowed());

  livekit::SignalRequest request;
  request.mutable_subscription_permission();  // Nobody.
  room_.Request(alice_, request);
  EXPECT_TRUE(room_.LatestSenders(bob).empty());
  const livekit::SubscriptionPermissionUpdate denied =
      room_.Last(bob, SignalResponse::kSubscriptionPermissionUpdate)
          ->subscription_permission_update();
  EXPECT_FALSE(denied.allowed());
  EXPECT_EQ(denied.track_sid(), info.sid());
  EXPECT_EQ(denied.participant_sid(), room_.room().FindParticipant("alice")->sid());

  livekit::TrackPermission& rule =
      *request.mutable_subscription_permission()->add_track_permissions();
  rule.set_participant_identity("bob");
  rule.set_all_tracks(true);
  room_.Request(alice_, request);
  room_.Advance(absl::Seconds(1));
  room_.AnswerLatestOffer(bob);
  room_.Advance(absl::Seconds(1));
  room_.AnswerLatestOffer(bob);
  EXPECT_EQ(room_.LatestSenders(bob).size(), 1u);
}

TEST_F(SubscribeTest, RecordersAreExempt) {
  livekit::SignalRequest request;
  request.mutable_subscription_permission();
  room_.Request(alice_, request);
  JoinParameters parameters = TestJoin("recorder");
  parameters.claims.video->recorder = true;
  parameters.claims.video->hidden = true;
  const SessionId recorder = room_.JoinActive(std::move(parameters));
  room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.AnswerLatestOffer(recorder);
  EXPECT_EQ(room_.LatestSenders(recorder).size(), 1u);
  EXPECT_TRUE(room_.room().ToProto().active_recording());
}

TEST_F(SubscribeTest, PublisherHearsOfItsFirstSubscriberOnce) {
  const SessionId bob = room_.JoinActive("bob");
  const SessionId carol = room_.JoinActive("carol");
  const livekit::TrackInfo info = room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.AnswerLatestOffer(bob);
  room_.AnswerLatestOffer(carol);
  for (const SessionId subscriber : {bob, carol, bob}) {
    room_.Event(SubscriptionActive(room_.LatestSenders(subscriber)[0].sender()));
  }
  EXPECT_EQ(room_.Count(alice_, SignalResponse::kTrackSubscribed), 1u);
  EXPECT_EQ(room_.Last(alice_, SignalResponse::kTrackSubscribed)->track_subscribed().track_sid(),
            info.sid());
}

TEST_F(SubscribeTest, SpeakersAreToldToThoseWhoHearThem) {
  const SessionId bob = room_.JoinActive("bob");
  JoinParameters deaf_parameters = TestJoin("deaf");
  deaf_parameters.auto_subscribe = false;
  const SessionId deaf = room_.JoinActive(std::move(deaf_parameters));
  room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.Event(Speaking(alice_, 0.3f));
  const SignalResponse* heard = room_.Last(bob, SignalResponse::kSpeakersChanged);
  ASSERT_NE(heard, nullptr);
  const livekit::SpeakerInfo& speaker = heard->speakers_changed().speakers(0);
  EXPECT_EQ(speaker.sid(), room_.room().FindParticipant("alice")->sid());
  EXPECT_FLOAT_EQ(speaker.level(), 0.375f);
  EXPECT_TRUE(speaker.active());
  EXPECT_EQ(room_.Count(alice_, SignalResponse::kSpeakersChanged), 1u);
  EXPECT_EQ(room_.Count(deaf, SignalResponse::kSpeakersChanged), 0u);

  room_.Event(Speaking(alice_, 0));
  const livekit::SpeakerInfo& quiet =
      room_.Last(bob, SignalResponse::kSpeakersChanged)->speakers_changed().speakers(0);
  EXPECT_FALSE(quiet.active());
  EXPECT_EQ(quiet.level(), 0);
}

TEST_F(SubscribeTest, WhoBeginsToReceiveASpeakerIsToldAtOnce) {
  room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.Event(Speaking(alice_, 1.0f));
  const SessionId bob = room_.JoinActive("bob");
  EXPECT_EQ(room_.Count(bob, SignalResponse::kSpeakersChanged), 0u);
  room_.Event(SubscriptionActive(room_.LatestSenders(bob)[0].sender()));
  EXPECT_EQ(room_.Count(bob, SignalResponse::kSpeakersChanged), 1u);
}

TEST_F(SubscribeTest, QualityIsPassedOnAndLostOnlyToThoseWhoKnowIt) {
  JoinParameters old_parameters = TestJoin("old");
  old_parameters.client.set_protocol(10);
  const SessionId old_client = room_.JoinActive(std::move(old_parameters));
  const SessionId bob = room_.JoinActive("bob");
  room_.Publish(alice_, peer_, livekit::AUDIO, livekit::MICROPHONE);
  worker::v1::RoomEvent event;
  worker::v1::ConnectionQualities::Quality& quality =
      *event.mutable_connection_qualities()->add_qualities();
  quality.set_participant(room_.ParticipantOf(alice_));
  quality.set_quality(livekit::LOST);
  room_.Event(event);
  EXPECT_EQ(room_.Last(bob, SignalResponse::kConnectionQuality)
                ->connection_quality()
                .updates(0)
                .quality(),
            livekit::LOST);
  EXPECT_EQ(room_.Last(old_client, SignalResponse::kConnectionQuality)
                ->connection_quality()
                .updates(0)
                .quality(),
            livekit::POOR);
}

class SinglePcTest : public testing::Test {
 protected:
  // Bob has one section for audio and none for video.
  SinglePcTest() {
    bob_peer_.AddMedia("audio", "recvonly");
    bob_peer_.AddData();
    JoinParameters parameters = TestJoin("bob");
    parameters.single_peer_connection = true;
    parameters.publisher_offer = bob_peer_.Offer(1);
    alice_ = room_.JoinActive("alice");
    bob_ = room_.JoinActive(std::move(parameters));
  }

  TestRoom room_;
  TestPeer alice_peer_;
  TestPeer bob_peer_;
  SessionId alice_{0};
  SessionId bob_{0};
};

TEST_F(SinglePcTest, Trap24_AsksForSectionsOnceAndNeverOffers) {
  room_.ClearInboxes();
  room_.AddTrack(alice_, "a", livekit::VIDEO, livekit::CAMERA);
  room_.AddTrack(alice_, "b", livekit::VIDEO, livekit::SCREEN_SHARE);
  alice_peer_.AddMedia("video", "sendonly", "a");
  alice_peer_.AddMedia("video", "sendonly", "b");
  room_.Offer(alice_, alice_peer_.Offer(1));
  room_.StartMedia(alice_);
  room_.Advance(absl::Seconds(5));
  ASSERT_EQ(room_.Count(bob_, SignalResponse::kMediaSectionsRequirement), 1u);
  const livekit::MediaSectionsRequirement& requirement =
      room_.Last(bob_, SignalResponse::kMediaSectionsRequirement)->media_sections_requirement();
  EXPECT_EQ(requirement.num_videos(), 2u);
  EXPECT_EQ(requirement.num_audios(), 0u);

  bob_peer_.AddMedia("video", "recvonly");
  bob_peer_.AddMedia("video", "recvonly");
  room_.Offer(bob_, bob_peer_.Offer(2));
  room_.Advance(absl::Seconds(5));
  EXPECT_EQ(room_.LatestSenders(bob_).size(), 2u);
  EXPECT_EQ(room_.Count(bob_, SignalResponse::kMediaSectionsRequirement), 1u);
  EXPECT_EQ(room_.Count(bob_, SignalResponse::kOffer), 0u);
}

TEST_F(SinglePcTest, Trap21_AnswersMapEveryMid) {
  const livekit::TrackInfo info =
      room_.Publish(alice_, alice_peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.Offer(bob_, bob_peer_.Offer(2));
  const livekit::SessionDescription& answer = room_.Last(bob_, SignalResponse::kAnswer)->answer();
  ASSERT_EQ(answer.mid_to_track_id_size(), 1);
  EXPECT_EQ(answer.mid_to_track_id().at("0"), info.sid());
}

TEST_F(SinglePcTest, UnsubscribeAsksForARenegotiation) {
  const livekit::TrackInfo info =
      room_.Publish(alice_, alice_peer_, livekit::AUDIO, livekit::MICROPHONE);
  room_.Offer(bob_, bob_peer_.Offer(2));
  ASSERT_EQ(room_.LatestSenders(bob_).size(), 1u);
  room_.ClearInboxes();
  room_.Subscribe(bob_, info.sid(), false);
  EXPECT_TRUE(room_.LatestSenders(bob_).empty());
  room_.Advance(absl::Seconds(1));
  ASSERT_EQ(room_.Count(bob_, SignalResponse::kMediaSectionsRequirement), 1u);
  const livekit::MediaSectionsRequirement& requirement =
      room_.Last(bob_, SignalResponse::kMediaSectionsRequirement)->media_sections_requirement();
  EXPECT_EQ(requirement.num_audios() + requirement.num_videos(), 0u);
}

TEST_F(SinglePcTest, PublishesOnTheSameConnection) {
  room_.AddTrack(bob_, "mic", livekit::AUDIO, livekit::MICROPHONE);
  bob_peer_.AddMedia("audio", "sendonly", "mic");
  room_.Offer(bob_, bob_peer_.Offer(2));
  room_.StartMedia(bob_);
  EXPECT_EQ(room_.Known(alice_, "bob")->tracks_size(), 1);
}

}  // namespace
}  // namespace sfu::room
