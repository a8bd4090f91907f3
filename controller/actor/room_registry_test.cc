#include "controller/actor/room_registry.h"

#include <optional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/actor/test_cluster.h"

namespace sfu::actor {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class RoomRegistryTest : public ::testing::Test {
 protected:
  // The reply, once it is there.
  JoinReply Join(room::JoinParameters parameters, std::shared_ptr<TestListener> listener,
                 TestCluster& cluster) {
    std::optional<JoinReply> result;
    absl::Notification replied;
    cluster.rooms.Join(std::move(parameters), std::move(listener), [&](JoinReply reply) {
      result = std::move(reply);
      replied.Notify();
    });
    replied.WaitForNotification();
    return *std::move(result);
  }
  JoinReply Join(const std::string& room, const std::string& identity) {
    listeners_.push_back(std::make_shared<TestListener>());
    return Join(JoinOf(room, identity), listeners_.back(), cluster_);
  }
  void Enter(const std::string& room, const std::string& identity) {
    EXPECT_TRUE(Join(room, identity).has_value());
  }
  livekit::Room Create(const livekit::CreateRoomRequest& request) {
    livekit::Room result;
    absl::Notification created;
    cluster_.rooms.CreateRoom(request, [&](const absl::StatusOr<livekit::Room>& room) {
      EXPECT_TRUE(room.ok()) << room.status();
      result = room.value_or(livekit::Room());
      created.Notify();
    });
    created.WaitForNotification();
    return result;
  }
  std::vector<livekit::Room> Rooms() {
    std::vector<livekit::Room> result;
    absl::Notification done;
    cluster_.rooms.ListRooms([&](std::vector<livekit::Room> rooms) {
      result = std::move(rooms);
      done.Notify();
    });
    done.WaitForNotification();
    return result;
  }

  TestCluster cluster_;
  std::vector<std::shared_ptr<TestListener>> listeners_;
};

TEST_F(RoomRegistryTest, JoinsOfOneNameMeetInOneRoom) {
  cluster_.AddWorker("WK_1");
  ASSERT_TRUE(Join("room", "ann").has_value());
  ASSERT_TRUE(Join("room", "bob").has_value());
  ASSERT_TRUE(Join("other", "cid").has_value());
  const livekit::SignalResponse ann = listeners_[0]->Await(livekit::SignalResponse::kJoin);
  const livekit::SignalResponse bob = listeners_[1]->Await(livekit::SignalResponse::kJoin);
  EXPECT_EQ(ann.join().room().sid(), bob.join().room().sid());
  ASSERT_EQ(bob.join().other_participants_size(), 1);
  EXPECT_EQ(bob.join().other_participants(0).identity(), "ann");
  EXPECT_THAT(Rooms(), SizeIs(2));
}

TEST_F(RoomRegistryTest, RequestsReachTheRoomAndAnswersComeBack) {
  cluster_.AddWorker("WK_1");
  JoinReply reply = Join("room", "ann");
  livekit::SignalRequest request;
  request.mutable_add_track()->set_cid("cid");
  request.mutable_add_track()->set_type(livekit::AUDIO);
  EXPECT_TRUE((*reply)->HandleRequest(request));
  EXPECT_EQ(listeners_[0]->Await(livekit::SignalResponse::kTrackPublished).track_published().cid(),
            "cid");
}

TEST_F(RoomRegistryTest, NoWorkerNoRoom) {
  const JoinReply reply = Join("room", "ann");
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().http_status, 503);
  EXPECT_THAT(Rooms(), IsEmpty());
}

TEST_F(RoomRegistryTest, DrainingKeepsRoomsAndLetsNoNewOneBegin) {
  cluster_.AddWorker("WK_1");
  Enter("room", "ann");
  cluster_.rooms.Drain();
  Enter("room", "bob");
  const JoinReply reply = Join("other", "cid");
  ASSERT_FALSE(reply.has_value());
  EXPECT_EQ(reply.error().http_status, 503);
  EXPECT_THAT(Rooms(), SizeIs(1));
}

TEST_F(RoomRegistryTest, WithoutAutoCreateRoomsMustExistOrMayBeMadeByTheirToken) {
  TestCluster strict(/*auto_create=*/false);
  strict.AddWorker("WK_1");
  const JoinReply refused = Join(JoinOf("room", "ann"), std::make_shared<TestListener>(), strict);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 404);
  EXPECT_EQ(refused.error().text, "requested room does not exist");
  room::JoinParameters creator = JoinOf("room", "bob");
  creator.claims.video->room_create = true;
  EXPECT_TRUE(Join(std::move(creator), std::make_shared<TestListener>(), strict).has_value());
  EXPECT_TRUE(Join(JoinOf("room", "ann"), std::make_shared<TestListener>(), strict).has_value());
}

TEST_F(RoomRegistryTest, AResumeOfASessionThatIsNowhereIsToldToStartAnew) {
  cluster_.AddWorker("WK_1");
  room::JoinParameters parameters = JoinOf("room", "ann");
  parameters.reconnect = true;
  parameters.participant_sid = "PA_unknown";
  const auto listener = std::make_shared<TestListener>();
  ASSERT_TRUE(Join(std::move(parameters), listener, cluster_).has_value());
  const livekit::LeaveRequest leave = listener->Await(livekit::SignalResponse::kLeave).leave();
  EXPECT_EQ(leave.action(), livekit::LeaveRequest::RECONNECT);
  EXPECT_EQ(leave.reason(), livekit::STATE_MISMATCH);
  EXPECT_TRUE(listener->AwaitClosed());
  EXPECT_THAT(Rooms(), IsEmpty());
}

// Also while the join is still going on: the worker has not even answered.
TEST_F(RoomRegistryTest, AResumeGetsItsOwnConnectionAndEndsTheFormer) {
  cluster_.AddWorker("WK_1");
  Enter("room", "ann");
  room::JoinParameters parameters = JoinOf("room", "ann");
  parameters.reconnect = true;
  parameters.participant_sid =
      listeners_[0]->Await(livekit::SignalResponse::kJoin).join().participant().sid();
  const auto listener = std::make_shared<TestListener>();
  JoinReply reply = Join(std::move(parameters), listener, cluster_);
  ASSERT_TRUE(reply.has_value());
  EXPECT_TRUE(listeners_[0]->AwaitClosed());
  EXPECT_TRUE(listener->Await(livekit::SignalResponse::kReconnect).has_reconnect());

  livekit::SignalRequest request;
  request.mutable_add_track()->set_cid("cid");
  EXPECT_TRUE((*reply)->HandleRequest(request));
  EXPECT_TRUE(listener->Await(livekit::SignalResponse::kTrackPublished).has_track_published());
}

TEST_F(RoomRegistryTest, TheTokenConfiguresTheRoomItCreates) {
  cluster_.AddWorker("WK_1");
  room::JoinParameters parameters = JoinOf("room", "ann");
  parameters.claims.room_config_json = R"({"maxParticipants":1,"metadata":"m"})";
  ASSERT_TRUE(Join(std::move(parameters), std::make_shared<TestListener>(), cluster_).has_value());
  EXPECT_EQ(Rooms().at(0).metadata(), "m");
  const JoinReply full = Join("room", "bob");
  ASSERT_FALSE(full.has_value());
  EXPECT_EQ(full.error().http_status, 403);
}

TEST_F(RoomRegistryTest, CreatingARoomThatIsThereChangesNothing) {
  cluster_.AddWorker("WK_1");
  livekit::CreateRoomRequest request;
  request.set_name("room");
  request.set_max_participants(5);
  request.set_metadata("first");
  const livekit::Room made = Create(request);
  EXPECT_EQ(made.max_participants(), 5u);

  request.set_max_participants(1);
  request.set_metadata("second");
  request.set_empty_timeout(1);
  EXPECT_EQ(Create(request).SerializeAsString(), made.SerializeAsString());
  EXPECT_EQ(Rooms().at(0).SerializeAsString(), made.SerializeAsString());
}

TEST_F(RoomRegistryTest, ValidatingSaysWhatJoiningWould) {
  cluster_.AddWorker("WK_1");
  livekit::CreateRoomRequest request;
  request.set_name("room");
  request.set_max_participants(1);
  Create(request);
  const auto validate = [this](const std::string& identity) {
    std::optional<JoinError> result;
    absl::Notification done;
    cluster_.rooms.Validate(JoinOf("room", identity), [&](std::optional<JoinError> error) {
      result = std::move(error);
      done.Notify();
    });
    done.WaitForNotification();
    return result ? result->http_status : 200;
  };
  EXPECT_EQ(validate("ann"), 200);
  Enter("room", "ann");
  EXPECT_EQ(validate("bob"), 403);
  EXPECT_EQ(validate("ann"), 200);  // She would replace herself.
}

TEST_F(RoomRegistryTest, RoomsOfALostWorkerMoveToAnother) {
  FakeWorker& first = cluster_.AddWorker("WK_1");
  Enter("room", "ann");
  FakeWorker& second = cluster_.AddWorker("WK_2");
  first.LoseRooms();
  EXPECT_EQ(listeners_[0]->Await(livekit::SignalResponse::kLeave).leave().action(),
            livekit::LeaveRequest::RECONNECT);
  ASSERT_TRUE(Join("room", "ann").has_value());
  ASSERT_THAT(second.AwaitCommands(), testing::Not(IsEmpty()));
  EXPECT_TRUE(second.commands().front().has_configure_room());
  EXPECT_GT(second.commands().front().epoch(), first.commands().front().epoch());
}

TEST_F(RoomRegistryTest, RoomsWithoutAnyWorkerWaitForTheNext) {
  FakeWorker& first = cluster_.AddWorker("WK_1");
  Enter("room", "ann");
  first.LoseRooms();
  Rooms();  // The loss has gone round.
  const JoinReply refused = Join("room", "bob");
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().http_status, 503);
  cluster_.AddWorker("WK_2");
  listeners_[0]->Await(livekit::SignalResponse::kLeave);
  EXPECT_TRUE(Join("room", "bob").has_value());
}

TEST_F(RoomRegistryTest, ClosingTellsEverybodyAndEndsTheRooms) {
  cluster_.AddWorker("WK_1");
  Enter("room", "ann");
  Enter("other", "bob");
  cluster_.rooms.CloseAll(livekit::SERVER_SHUTDOWN);
  for (const std::shared_ptr<TestListener>& listener : listeners_) {
    EXPECT_EQ(listener->Await(livekit::SignalResponse::kLeave).leave().reason(),
              livekit::SERVER_SHUTDOWN);
    EXPECT_TRUE(listener->AwaitClosed());
  }
  EXPECT_THAT(Rooms(), IsEmpty());
}

}  // namespace
}  // namespace sfu::actor
