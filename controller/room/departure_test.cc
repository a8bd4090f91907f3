#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/room/test_room.h"

// How participants and rooms end.
namespace sfu::room {
namespace {

using livekit::SignalResponse;

livekit::SignalRequest Leave(livekit::DisconnectReason reason = livekit::CLIENT_INITIATED) {
  livekit::SignalRequest request;
  request.mutable_leave()->set_reason(reason);
  return request;
}

TEST(DepartureTest, Trap12_LeaveIsAnsweredBeforeTheConnectionCloses) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.Request(alice, Leave());
  ASSERT_FALSE(room.Inbox(alice).empty());
  EXPECT_EQ(room.Inbox(alice).back().leave().action(), livekit::LeaveRequest::DISCONNECT);
  EXPECT_EQ(room.Inbox(alice).back().leave().reason(), livekit::CLIENT_INITIATED);
  EXPECT_TRUE(room.IsClosed(alice));
  EXPECT_EQ(room.CommandsOf(TestRoom::Command::kRemoveParticipant).size(), 1u);
}

TEST(DepartureTest, OthersLearnTheReason) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  room.Request(alice, Leave(livekit::USER_REJECTED));
  room.Advance(absl::Seconds(3));
  const auto info = room.Known(bob, "alice");
  EXPECT_EQ(info->state(), livekit::ParticipantInfo::DISCONNECTED);
  EXPECT_EQ(info->disconnect_reason(), livekit::USER_REJECTED);
}

TEST(DepartureTest, ClientsCannotClaimAServersReason) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.Request(alice, Leave(livekit::ROOM_DELETED));
  EXPECT_EQ(room.Inbox(alice).back().leave().reason(), livekit::CLIENT_INITIATED);
}

TEST(DepartureTest, PublishersLeaveAtOnceForOthers) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  TestPeer peer;
  room.Publish(alice, peer, livekit::AUDIO, livekit::MICROPHONE);
  room.AnswerLatestOffer(bob);
  room.ClearInboxes();
  room.Request(alice, Leave());
  EXPECT_EQ(room.Known(bob, "alice")->state(), livekit::ParticipantInfo::DISCONNECTED);
  EXPECT_TRUE(room.LatestSenders(bob).empty());
}

using worker::v1::TransportState;

TEST(DepartureTest, WithoutASignalConnectionItStaysWhileItsMediaLives) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.CloseSignal(alice);
  room.Advance(absl::Minutes(30));
  EXPECT_TRUE(room.room().FindParticipant("alice"));

  room.ChangeTransport(alice, 1, TransportState::STATE_DISCONNECTED);
  room.Advance(absl::Seconds(9));
  EXPECT_TRUE(room.room().FindParticipant("alice"));
  room.Advance(absl::Seconds(1));  // 5 s until it has failed, and 5 s to resume.
  EXPECT_FALSE(room.room().FindParticipant("alice"));
}

TEST(DepartureTest, LostConnectionBeforeMediaEndsAtOnce) {
  TestRoom room;
  const SessionId alice = room.Join("alice");
  room.CloseSignal(alice);
  EXPECT_FALSE(room.room().FindParticipant("alice"));
}

TEST(DepartureTest, ReturnWithinTheGraceIsNoDepartureForOthers) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  room.Advance(absl::Seconds(5));
  room.ClearInboxes();
  room.CloseSignal(alice);
  room.Advance(absl::Seconds(2));
  room.JoinActive("alice");
  room.Advance(absl::Seconds(20));
  for (const SignalResponse& response : room.Inbox(bob)) {
    for (const livekit::ParticipantInfo& info : response.update().participants()) {
      EXPECT_NE(info.state(), livekit::ParticipantInfo::DISCONNECTED);
    }
  }
}

TEST(DepartureTest, FailedMediaMakesTheClientResume) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  room.ChangeTransport(former, 1, TransportState::STATE_FAILED);
  EXPECT_EQ(room.Inbox(former).back().leave().action(), livekit::LeaveRequest::RESUME);
  EXPECT_EQ(room.Inbox(former).back().leave().reason(), livekit::CONNECTION_TIMEOUT);
  EXPECT_TRUE(room.IsClosed(former));

  room.Advance(absl::Seconds(4));
  const SessionId alice = room.Resume(former);
  room.Advance(absl::Seconds(10));
  room.AnswerLatestOffer(alice);
  room.ChangeTransport(alice, 1, TransportState::STATE_CONNECTED);
  room.Advance(absl::Minutes(1));
  EXPECT_FALSE(room.IsClosed(alice));
  EXPECT_TRUE(room.room().FindParticipant("alice"));
}

TEST(DepartureTest, FailedMediaWithoutAResumeIsATimeout) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  room.ChangeTransport(alice, 0, TransportState::STATE_FAILED);
  room.Advance(absl::Seconds(4));
  EXPECT_TRUE(room.room().FindParticipant("alice"));
  room.Advance(absl::Seconds(4));  // 1 s, and 3 s in which comings and goings are gathered.
  EXPECT_EQ(room.Known(bob, "alice")->state(), livekit::ParticipantInfo::DISCONNECTED);
  EXPECT_EQ(room.Known(bob, "alice")->disconnect_reason(), livekit::CONNECTION_TIMEOUT);
}

TEST(DepartureTest, AResumeThatDoesNotBringMediaBackIsATimeout) {
  TestRoom room;
  const SessionId former = room.JoinActive("alice");
  room.ChangeTransport(former, 1, TransportState::STATE_FAILED);
  const SessionId alice = room.Resume(former);
  room.AnswerLatestOffer(alice);
  room.Advance(absl::Seconds(19));
  EXPECT_FALSE(room.IsClosed(alice));
  room.Advance(absl::Seconds(1));
  EXPECT_TRUE(room.IsClosed(alice));
  EXPECT_EQ(room.Inbox(alice).back().leave().action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_EQ(room.Inbox(alice).back().leave().reason(), livekit::CONNECTION_TIMEOUT);
}

TEST(DepartureTest, MediaThatRecoversInTimeIsNoFailure) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.ChangeTransport(alice, 1, TransportState::STATE_DISCONNECTED);
  room.Advance(absl::Seconds(4));
  room.ChangeTransport(alice, 1, TransportState::STATE_CONNECTED);
  room.Advance(absl::Minutes(1));
  EXPECT_FALSE(room.IsClosed(alice));
}

TEST(DepartureTest, MediaThatRecoversByItselfKeepsOneWhoIsAway) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.ChangeTransport(alice, 1, TransportState::STATE_FAILED);
  room.Advance(absl::Seconds(4));
  room.ChangeTransport(alice, 1, TransportState::STATE_CONNECTED);
  room.Advance(absl::Minutes(1));
  EXPECT_TRUE(room.room().FindParticipant("alice"));
}

TEST(DepartureTest, MediaThatFailsBeforeItWasUpMakesTheClientConnectAnew) {
  TestRoom room;
  const SessionId alice = room.Join("alice");
  room.ChangeTransport(alice, 1, TransportState::STATE_FAILED);
  EXPECT_EQ(room.Inbox(alice).back().leave().action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_FALSE(room.room().FindParticipant("alice"));
}

TEST(DepartureTest, OldClientsAreCutOffWithoutALeaveTheyDoNotKnow) {
  TestRoom room;
  JoinParameters parameters = TestJoin("alice");
  parameters.client.set_protocol(12);
  const SessionId alice = room.JoinActive(std::move(parameters));
  room.ChangeTransport(alice, 1, TransportState::STATE_FAILED);
  EXPECT_EQ(room.Count(alice, SignalResponse::kLeave), 0u);
  EXPECT_TRUE(room.IsClosed(alice));
}

TEST(DepartureTest, RequestsOfFormerSessionsAreCounted) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.Request(alice, Leave());
  room.Request(alice, Leave());
  room.CloseSignal(alice);
  EXPECT_EQ(room.room().counters().requests_of_strangers, 1u);
}

TEST(DepartureTest, EmptyRoomClosesAfterItsTimeout) {
  TestRoom room;
  room.Advance(absl::Seconds(299));
  EXPECT_FALSE(room.room_closed());
  room.Advance(absl::Seconds(1));
  EXPECT_TRUE(room.room_closed());
  EXPECT_EQ(room.CommandsOf(TestRoom::Command::kCloseRoom).size(), 1u);
  EXPECT_EQ(room.room().NextTimeout(), Timestamp::Never());
  EXPECT_EQ(room.room().Join(room.Now(), TestJoin("late")).error(), JoinRefusal::kRoomClosed);
}

TEST(DepartureTest, DepartureTimeoutRunsFromTheLastDeparture) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.Advance(absl::Seconds(100));
  room.Request(alice, Leave());
  room.Advance(absl::Seconds(19));
  EXPECT_FALSE(room.room_closed());
  room.JoinActive("bob");
  room.Advance(absl::Seconds(100));
  EXPECT_FALSE(room.room_closed());
}

TEST(DepartureTest, DependentsDoNotKeepARoom) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  JoinParameters parameters = TestJoin("agent");
  parameters.claims.kind = "agent";
  const SessionId agent = room.JoinActive(std::move(parameters));
  room.Request(alice, Leave());
  room.Advance(absl::Seconds(20));
  EXPECT_TRUE(room.room_closed());
  EXPECT_EQ(room.Inbox(agent).back().leave().reason(), livekit::ROOM_CLOSED);
}

TEST(DepartureTest, DeletedRoomTellsEverybodyAndOnlyThat) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  const SessionId bob = room.JoinActive("bob");
  room.ClearInboxes();
  room.Do([&](Room& r) {
    r.Delete(room.Now());
    return 0;
  });
  for (const SessionId session : {alice, bob}) {
    ASSERT_EQ(room.Inbox(session).size(), 1u);
    EXPECT_EQ(room.Inbox(session)[0].leave().reason(), livekit::ROOM_DELETED);
    EXPECT_EQ(room.Inbox(session)[0].leave().action(), livekit::LeaveRequest::DISCONNECT);
    EXPECT_TRUE(room.IsClosed(session));
  }
  EXPECT_TRUE(room.room_closed());
  EXPECT_TRUE(room.room().Participants().empty());
}

TEST(DepartureTest, LostWorkerMakesEverybodyConnectAnewToAnother) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  room.ClearInboxes();
  room.Do([&](Room& r) {
    r.HandleWorkerLost(room.Now(), {.room = 7, .epoch = 2});
    return 0;
  });
  EXPECT_EQ(room.Inbox(alice).back().leave().action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_FALSE(room.room_closed());
  EXPECT_TRUE(room.CommandsOf(TestRoom::Command::kRemoveParticipant).empty());
  room.ClearInboxes();
  const SessionId again = room.JoinActive("alice");
  EXPECT_FALSE(room.IsClosed(again));
  const auto configured = room.CommandsOf(TestRoom::Command::kConfigureRoom);
  ASSERT_EQ(configured.size(), 1u);
  EXPECT_EQ(configured[0].epoch(), 2u);
}

TEST(DepartureTest, FactsTellWhoWasHere) {
  TestRoom room;
  const SessionId alice = room.JoinActive("alice");
  TestPeer peer;
  room.Publish(alice, peer, livekit::AUDIO, livekit::MICROPHONE);
  room.Request(alice, Leave());
  ASSERT_EQ(room.facts().size(), 4u);
  EXPECT_TRUE(std::holds_alternative<ParticipantJoined>(room.facts()[0]));
  EXPECT_TRUE(std::holds_alternative<TrackPublished>(room.facts()[1]));
  EXPECT_TRUE(std::holds_alternative<TrackUnpublished>(room.facts()[2]));
  EXPECT_TRUE(std::holds_alternative<ParticipantLeft>(room.facts()[3]));
}

}  // namespace
}  // namespace sfu::room
