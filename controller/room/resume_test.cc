#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/room/test_room.h"

// How clients come back to a live session (signaling contract, sections 7.2 to 7.4).
namespace sfu::room {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

using livekit::SignalResponse;
using Command = TestRoom::Command;

JoinParameters SinglePeerConnection(std::string_view identity) {
  JoinParameters parameters = TestJoin(identity);
  parameters.single_peer_connection = true;
  return parameters;
}

// Who is named in the session's updates, as "identity" or "identity gone", in order.
std::vector<std::string> Named(TestRoom& room, SessionId session) {
  std::vector<std::string> named;
  for (const SignalResponse& response : room.Inbox(session)) {
    for (const livekit::ParticipantInfo& info : response.update().participants()) {
      const bool gone = info.state() == livekit::ParticipantInfo::DISCONNECTED;
      named.push_back(info.identity() + (gone ? " gone" : ""));
    }
  }
  return named;
}

std::string UfragOf(const livekit::SessionDescription& description) {
  const size_t start = description.sdp().find("a=ice-ufrag:");
  return description.sdp().substr(start, description.sdp().find('\r', start) - start);
}

livekit::SignalRequest Sync(const std::vector<std::string>& published,
                            const std::vector<std::string>& subscription = {},
                            bool subscribe = false) {
  livekit::SignalRequest request;
  livekit::SyncState& sync = *request.mutable_sync_state();
  for (const std::string& sid : published) {
    sync.add_publish_tracks()->mutable_track()->set_sid(sid);
  }
  for (const std::string& sid : subscription) {
    sync.mutable_subscription()->add_track_sids(sid);
  }
  sync.mutable_subscription()->set_subscribe(subscribe);  // Present also when it lists nothing.
  return request;
}

TEST(ResumeTest, TheSessionGoesOnUnderTheSameSid) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const std::string sid = room.room().FindParticipant("alice")->sid();
  room.CloseSignal(former);
  room.ClearInboxes();

  const SessionId alice = room.Resume(former);
  ASSERT_FALSE(room.Inbox(alice).empty());
  EXPECT_TRUE(room.Inbox(alice)[0].has_reconnect());
  EXPECT_EQ(room.room().FindParticipant("alice")->sid(), sid);
  EXPECT_TRUE(room.CommandsOf(Command::kOpenTransport).empty());
  EXPECT_EQ(room.room().counters().sessions_resumed, 1u);
  EXPECT_THAT(room.Cases(alice),
              ElementsAre(SignalResponse::kReconnect, SignalResponse::kUpdate,
                          SignalResponse::kRoomUpdate, SignalResponse::kSpeakersChanged,
                          SignalResponse::kRefreshToken, SignalResponse::kOffer));
}

TEST(ResumeTest, Trap10_ServerInfoIsThereAgain) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  JoinParameters parameters = room.ResumptionOf(former);
  parameters.ice_servers.emplace_back().add_urls("turn:turn.example");
  parameters.client_configuration.set_force_relay(livekit::ENABLED);
  const SessionId alice = room.Join(std::move(parameters));
  const livekit::ReconnectResponse& reconnect = room.Inbox(alice)[0].reconnect();
  EXPECT_EQ(reconnect.server_info().version(), "1.13.5");
  EXPECT_EQ(reconnect.ice_servers_size(), 1);
  EXPECT_EQ(reconnect.client_configuration().force_relay(), livekit::ENABLED);
}

TEST(ResumeTest, TheFormerConnectionIsReplaced) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  room.ClearInboxes();
  const SessionId alice = room.Resume(former);
  EXPECT_TRUE(room.IsClosed(former));
  EXPECT_THAT(room.Inbox(former), IsEmpty());
  room.AnswerLatestOffer(alice);
  room.CloseSignal(former);  // Late, and of no consequence.
  room.Request(former, Sync({"TR_unknown"}));
  room.Advance(absl::Seconds(60));
  EXPECT_TRUE(room.room().FindParticipant("alice"));
  EXPECT_FALSE(room.IsClosed(alice));
}

TEST(ResumeTest, Trap28_ASubscriberOfferWithNewCredentialsFollows) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const std::string before = UfragOf(room.Last(former, SignalResponse::kOffer)->offer());
  room.CloseSignal(former);
  const SessionId alice = room.Resume(former);
  const SignalResponse* offer = room.Last(alice, SignalResponse::kOffer);
  ASSERT_NE(offer, nullptr);
  EXPECT_NE(UfragOf(offer->offer()), before);
  EXPECT_TRUE(room.AnswerLatestOffer(alice));
  room.Advance(absl::Seconds(20));
  EXPECT_FALSE(room.IsClosed(alice));
}

TEST(ResumeTest, Trap28_AnOfferThatWasInFlightIsMadeAgain) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  room.AnswerLatestOffer(former);
  TestPeer peer;
  const livekit::TrackInfo track = room.Publish(bob, peer, livekit::AUDIO, livekit::MICROPHONE);
  ASSERT_THAT(room.Last(former, SignalResponse::kOffer)->offer().sdp(), HasSubstr(track.sid()));

  const SessionId alice = room.Resume(former);
  EXPECT_EQ(room.Count(alice, SignalResponse::kOffer), 1u);
  EXPECT_THAT(room.Last(alice, SignalResponse::kOffer)->offer().sdp(), HasSubstr(track.sid()));
  room.AnswerLatestOffer(alice);
  EXPECT_THAT(room.LatestSenders(alice), SizeIs(1));
}

TEST(ResumeTest, Trap28_AlsoWhileTheFirstOfferIsStillBeingPrepared) {
  TestRoom room;
  room.HoldResults();
  const SessionId former = room.Join("alice");
  const SessionId alice = room.Resume(former);
  EXPECT_EQ(room.Count(alice, SignalResponse::kOffer), 0u);
  room.ReleaseResults();
  EXPECT_EQ(room.Count(alice, SignalResponse::kOffer), 1u);
  room.AnswerLatestOffer(alice);
  room.Connect(alice);
  EXPECT_EQ(room.room().FindParticipant("alice")->state(), livekit::ParticipantInfo::ACTIVE);
}

TEST(ResumeTest, Trap28_AndAfterEachOfTwoResumesInARow) {
  TestRoom room;
  const SessionId first = room.JoinActive("alice");
  room.HoldResults();
  const SessionId second = room.Resume(first);
  const SessionId third = room.Resume(second);
  room.ReleaseResults();
  EXPECT_TRUE(room.IsClosed(second));
  EXPECT_EQ(room.Count(second, SignalResponse::kOffer), 0u);
  EXPECT_EQ(room.Count(third, SignalResponse::kOffer), 1u);
}

TEST(ResumeTest, Trap29_AnUnknownSessionIsToldToConnectAnew) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  JoinParameters other_sid = room.ResumptionOf(alice);
  other_sid.participant_sid = "PA_former";
  JoinParameters no_sid = room.ResumptionOf(alice);
  no_sid.participant_sid = "";
  JoinParameters other_path = room.ResumptionOf(alice);
  other_path.single_peer_connection = true;
  JoinParameters stranger = room.ResumptionOf(alice);
  stranger.claims.identity = "bob";
  JoinParameters too_old = room.ResumptionOf(alice);
  too_old.client.set_version("1.6.2");
  for (const JoinParameters& parameters : {other_sid, no_sid, other_path, stranger, too_old}) {
    const SessionId session = room.Join(parameters);
    ASSERT_THAT(room.Inbox(session), SizeIs(1));
    EXPECT_EQ(room.Inbox(session)[0].leave().action(), livekit::LeaveRequest::RECONNECT);
    EXPECT_EQ(room.Inbox(session)[0].leave().reason(), livekit::STATE_MISMATCH);
    EXPECT_TRUE(room.IsClosed(session));
  }
  EXPECT_FALSE(room.IsClosed(alice));
  EXPECT_THAT(room.room().Participants(), SizeIs(1));
}

TEST(ResumeTest, Trap29_AReplacedSessionCannotTakeItsPlaceBack) {
  TestRoom room;
  const SessionId first = room.JoinActive("alice");
  const SessionId second = room.JoinActive("alice");
  const SessionId resumed = room.Join(room.ResumptionOf(first));
  EXPECT_TRUE(room.Inbox(resumed)[0].has_leave());
  EXPECT_FALSE(room.IsClosed(second));
}

TEST(ResumeTest, Trap30_EverybodyIsNamedAndItselfToo) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  room.JoinActive("bob");
  JoinParameters hidden = TestJoin("ghost");
  hidden.claims.video->hidden = true;
  room.JoinActive(std::move(hidden));
  room.CloseSignal(former);
  room.JoinActive("carol");
  room.Advance(absl::Seconds(5));
  const SessionId alice = room.Resume(former);
  EXPECT_THAT(Named(room, alice), UnorderedElementsAre("alice", "bob", "carol"));
}

TEST(ResumeTest, DeparturesThatWereMissedAreTold) {
  TestRoom room;
  const SessionId before = room.JoinActive("before");
  room.CloseSignal(before);
  room.ChangeTransport(before, 1, worker::v1::TransportState::STATE_FAILED);
  room.Advance(absl::Seconds(10));
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  const SessionId carol = room.JoinActive("carol");
  room.CloseSignal(former);
  livekit::SignalRequest leave;
  leave.mutable_leave();
  room.Request(bob, leave);
  room.Request(carol, leave);
  room.JoinActive("carol");
  room.Advance(absl::Seconds(5));

  // Carol is here under another SID, which tells enough; "before" had gone when alice came.
  const SessionId alice = room.Resume(former);
  EXPECT_THAT(Named(room, alice), ElementsAre("bob gone", "alice", "carol"));
}

TEST(ResumeTest, OldClientsHearNoDeparturesTheyMayNotKnow) {
  TestRoom room;
  JoinParameters old_client = TestJoin("alice");
  old_client.client.set_protocol(8);
  const SessionId former = room.JoinActive(std::move(old_client));
  const SessionId bob = room.JoinActive("bob");
  room.CloseSignal(former);
  livekit::SignalRequest leave;
  leave.mutable_leave();
  room.Request(bob, leave);
  room.Advance(absl::Seconds(5));
  EXPECT_THAT(Named(room, room.Resume(former)), ElementsAre("alice"));
}

TEST(ResumeTest, Trap31_AnUnknownPublishedTrackMakesTheClientConnectAnew) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const livekit::TrackInfo pending =
      room.AddTrack(former, "cid", livekit::AUDIO, livekit::MICROPHONE);
  const SessionId alice = room.Resume(former);
  room.Request(alice, Sync({pending.sid()}));
  EXPECT_FALSE(room.IsClosed(alice));
  room.Request(alice, Sync({pending.sid(), "TR_unknown"}));
  EXPECT_EQ(room.Inbox(alice).back().leave().action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_EQ(room.Inbox(alice).back().leave().reason(), livekit::STATE_MISMATCH);
  EXPECT_TRUE(room.IsClosed(alice));
}

TEST(ResumeTest, Trap31_AnUnknownDataTrackLikewise) {
  TestRoom room;
  const SessionId alice = room.Resume(room.JoinActive("alice"));
  livekit::SignalRequest request = Sync({});
  request.mutable_sync_state()->add_publish_data_tracks()->mutable_info()->set_sid("DTR_unknown");
  room.Request(alice, request);
  EXPECT_TRUE(room.IsClosed(alice));
}

TEST(ResumeTest, Trap31_TheSubscriptionListsWhatDiffersFromAutoSubscribe) {
  for (const bool automatic : {true, false}) {
    SCOPED_TRACE(automatic ? "auto_subscribe" : "on demand");
    TestRoom room;
    JoinParameters parameters = TestJoin("alice");
    parameters.auto_subscribe = automatic;
    const SessionId former = room.JoinActive(std::move(parameters));
    const SessionId bob = room.JoinActive("bob");
    TestPeer peer;
    const livekit::TrackInfo audio =
        room.Publish(bob, peer, livekit::AUDIO, livekit::MICROPHONE, "audio");
    const livekit::TrackInfo video = room.Publish(bob, peer, livekit::VIDEO, livekit::CAMERA);
    const SessionId alice = room.Resume(former);
    room.Request(alice, Sync({}, {video.sid()}, /*subscribe=*/!automatic));
    room.AnswerLatestOffer(alice);
    room.Advance(absl::Seconds(1));
    room.AnswerLatestOffer(alice);
    ASSERT_THAT(room.LatestSenders(alice), SizeIs(1));
    EXPECT_EQ(room.LatestSenders(alice)[0].kind(),
              automatic ? worker::v1::MEDIA_KIND_AUDIO : worker::v1::MEDIA_KIND_VIDEO);
  }
}

TEST(ResumeTest, Trap31_ARequestToSubscribeThatWasLostIsMadeGood) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  TestPeer peer;
  const livekit::TrackInfo audio =
      room.Publish(bob, peer, livekit::AUDIO, livekit::MICROPHONE, "audio");
  const livekit::TrackInfo video = room.Publish(bob, peer, livekit::VIDEO, livekit::CAMERA);
  room.AnswerLatestOffer(former);
  room.Subscribe(former, audio.sid(), false);
  livekit::UpdateSubscriptionsRequest by_api;
  by_api.set_identity("alice");
  by_api.add_track_sids(video.sid());
  ASSERT_TRUE(
      room.Do([&](Room& r) { return r.UpdateSubscriptions(room.Now(), by_api).has_value(); }));
  room.Advance(absl::Seconds(1));
  room.AnswerLatestOffer(former);
  ASSERT_THAT(room.LatestSenders(former), IsEmpty());

  // By now it wants the audio again, and has never heard of what the API did to the video.
  const SessionId alice = room.Resume(former);
  room.Request(alice, Sync({}));
  room.AnswerLatestOffer(alice);
  room.Advance(absl::Seconds(1));
  room.AnswerLatestOffer(alice);
  ASSERT_THAT(room.LatestSenders(alice), SizeIs(1));
  EXPECT_EQ(room.LatestSenders(alice)[0].kind(), worker::v1::MEDIA_KIND_AUDIO);
}

TEST(ResumeTest, Trap31_DisabledTracksStayDisabledAndKeepTheirSettings) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  TestPeer peer;
  const livekit::TrackInfo video = room.Publish(bob, peer, livekit::VIDEO, livekit::CAMERA);
  room.AnswerLatestOffer(former);
  livekit::SignalRequest settings;
  settings.mutable_track_setting()->add_track_sids(video.sid());
  settings.mutable_track_setting()->set_quality(livekit::MEDIUM);
  room.Request(former, settings);
  const SessionId alice = room.Resume(former);
  room.ClearInboxes();
  livekit::SignalRequest request = Sync({});
  request.mutable_sync_state()->add_track_sids_disabled(video.sid());
  room.Request(alice, request);
  const auto commands = room.CommandsOf(Command::kConfigureSubscription);
  ASSERT_THAT(commands, SizeIs(1));
  EXPECT_TRUE(commands[0].configure_subscription().disabled());
  EXPECT_EQ(commands[0].configure_subscription().max_spatial_layer(), 1u);
}

// 0 would make JavaScript forget what it has held back. What it repeats, the worker drops (Trap38_
// in worker/data).
TEST(ResumeTest, Trap38_TheClientIsToldToSendWhatItHeldBack) {
  TestRoom room;
  const SessionId alice = room.Resume(room.JoinActive("alice"));
  EXPECT_EQ(room.Inbox(alice)[0].reconnect().last_message_seq(), 1u);
}

TEST(ResumeTest, Trap24_WithOneConnectionTheClientRestarts) {
  TestRoom room;
  const SessionId former = room.JoinActive(SinglePeerConnection("alice"));
  TestPeer peer;
  peer.AddData();
  peer.AddMedia("audio", "recvonly");
  room.Offer(former, peer.Offer(1));
  room.CloseSignal(former);
  room.ClearInboxes();

  const SessionId alice = room.Resume(former);
  room.Advance(absl::Seconds(1));
  EXPECT_EQ(room.Count(alice, SignalResponse::kOffer), 0u);
  EXPECT_THAT(room.CommandsOf(Command::kRestartIce), IsEmpty());
  peer.RestartIce();
  room.Offer(alice, peer.Offer(2));
  EXPECT_THAT(room.CommandsOf(Command::kRestartIce), SizeIs(1));
  ASSERT_NE(room.Last(alice, SignalResponse::kAnswer), nullptr);
  EXPECT_EQ(room.Last(alice, SignalResponse::kAnswer)->answer().id(), 2u);
}

TEST(ResumeTest, AnAnswerFromBeforeIsNotTakenForTheNewOffers) {
  TestRoom room;
  const SessionId former = room.JoinActive(SinglePeerConnection("alice"));
  TestPeer peer;
  peer.AddData();
  room.HoldResults();
  room.Offer(former, peer.Offer(1));
  const SessionId alice = room.Resume(former);
  room.ReleaseResults();
  EXPECT_EQ(room.Count(alice, SignalResponse::kAnswer), 0u);
  peer.RestartIce();
  room.Offer(alice, peer.Offer(2));
  EXPECT_EQ(room.Count(alice, SignalResponse::kAnswer), 1u);
}

TEST(ResumeTest, Trap24_SectionsAreAskedForAgainAfterTheNewAnswer) {
  TestRoom room;
  const SessionId former = room.JoinActive(SinglePeerConnection("alice"));
  TestPeer peer;
  peer.AddData();
  room.Offer(former, peer.Offer(1));
  const SessionId bob = room.JoinActive("bob");
  TestPeer bobs;
  room.CloseSignal(former);
  room.Publish(bob, bobs, livekit::AUDIO, livekit::MICROPHONE);

  const SessionId alice = room.Resume(former);
  room.Advance(absl::Milliseconds(500));
  EXPECT_EQ(room.Count(alice, SignalResponse::kMediaSectionsRequirement), 0u);
  peer.RestartIce();
  room.Offer(alice, peer.Offer(2));
  room.Advance(absl::Milliseconds(500));
  ASSERT_EQ(room.Count(alice, SignalResponse::kMediaSectionsRequirement), 1u);
  peer.AddMedia("audio", "recvonly");
  room.Offer(alice, peer.Offer(3));
  EXPECT_THAT(room.LatestSenders(alice), SizeIs(1));
}

TEST(ResumeTest, NothingIsOfferedToOneWhoIsAway) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  TestPeer peer;
  room.Publish(bob, peer, livekit::AUDIO, livekit::MICROPHONE, "first");
  room.CloseSignal(former);  // With an offer in flight.
  const livekit::TrackInfo second =
      room.Publish(bob, peer, livekit::VIDEO, livekit::CAMERA, "second");
  room.Advance(absl::Minutes(1));
  ASSERT_TRUE(room.room().FindParticipant("alice"));

  const SessionId alice = room.Resume(former);
  EXPECT_EQ(room.Known(alice, "bob")->tracks_size(), 2);
  EXPECT_THAT(room.Last(alice, SignalResponse::kOffer)->offer().sdp(), HasSubstr(second.sid()));
  room.AnswerLatestOffer(alice);
  EXPECT_THAT(room.LatestSenders(alice), SizeIs(2));
}

TEST(ResumeTest, AnOrderToMuteComesBeforeTheStateItLeadsTo) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  TestPeer peer;
  const livekit::TrackInfo track = room.Publish(former, peer, livekit::AUDIO, livekit::MICROPHONE);
  room.CloseSignal(former);
  ASSERT_TRUE(room.Do([&](Room& r) {
    return r.MutePublishedTrack(room.Now(), "alice", track.sid(), true).has_value();
  }));
  const SessionId alice = room.Resume(former);
  const auto cases = room.Cases(alice);
  const auto mute = std::find(cases.begin(), cases.end(), SignalResponse::kMute);
  ASSERT_NE(mute, cases.end());
  EXPECT_LT(mute, std::find(cases.begin(), cases.end(), SignalResponse::kUpdate));
  EXPECT_EQ(room.Count(room.Resume(alice), SignalResponse::kMute), 0u);
}

TEST(ResumeTest, AnAddTrackWhoseAnswerMayBeLostIsAnsweredAgain) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const livekit::TrackInfo track =
      room.AddTrack(former, "cid", livekit::AUDIO, livekit::MICROPHONE);
  const SessionId alice = room.Resume(former);
  const SignalResponse* published = room.Last(alice, SignalResponse::kTrackPublished);
  ASSERT_NE(published, nullptr);
  EXPECT_EQ(published->track_published().cid(), "cid");
  EXPECT_EQ(published->track_published().track().sid(), track.sid());
}

TEST(ResumeTest, PermissionsThatChangedMeanwhileAreTold) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  TestPeer peer;
  room.Publish(bob, peer, livekit::AUDIO, livekit::MICROPHONE);
  room.CloseSignal(former);
  livekit::SignalRequest nobody;
  nobody.mutable_subscription_permission()->set_all_participants(false);
  room.Request(bob, nobody);
  const SessionId alice = room.Resume(former);
  const SignalResponse* told = room.Last(alice, SignalResponse::kSubscriptionPermissionUpdate);
  ASSERT_NE(told, nullptr);
  EXPECT_FALSE(told->subscription_permission_update().allowed());
}

TEST(ResumeTest, SilenceThatSetInMeanwhileIsTold) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  TestPeer peer;
  room.Publish(bob, peer, livekit::AUDIO, livekit::MICROPHONE);
  room.AnswerLatestOffer(former);
  worker::v1::RoomEvent event;
  auto& speaker = *event.mutable_speakers_changed()->add_speakers();
  speaker.set_participant(room.ParticipantOf(bob));
  speaker.set_active(true);
  speaker.set_level(0.5F);
  room.Event(event);
  ASSERT_TRUE(
      room.Last(former, SignalResponse::kSpeakersChanged)->speakers_changed().speakers(0).active());
  room.CloseSignal(former);
  speaker.set_active(false);
  room.Event(event);
  const SessionId alice = room.Resume(former);
  const std::string sid = room.room().FindParticipant("bob")->sid();
  const auto& told = room.Last(alice, SignalResponse::kSpeakersChanged)->speakers_changed();
  const auto of_bob = std::find_if(told.speakers().begin(), told.speakers().end(),
                                   [&](const auto& info) { return info.sid() == sid; });
  ASSERT_NE(of_bob, told.speakers().end());
  EXPECT_FALSE(of_bob->active());
}

TEST(ResumeTest, OthersNoticeNothing) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  room.AnswerLatestOffer(bob);
  room.Advance(absl::Seconds(5));
  room.ClearInboxes();
  room.CloseSignal(former);
  room.Advance(absl::Minutes(3));
  room.AnswerLatestOffer(room.Resume(former));
  room.Advance(absl::Seconds(5));
  EXPECT_THAT(Named(room, bob), Not(Contains("alice gone")));
}

}  // namespace
}  // namespace sfu::room
