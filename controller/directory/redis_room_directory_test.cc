#include "controller/directory/redis_room_directory.h"

#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/runtime/system_clock.h"
#include "tests/support/redis_probe.h"
#include "tests/support/redis_server.h"

namespace sfu::directory {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Pair;
using ::testing::StartsWith;

using Rooms = std::vector<std::pair<std::string, RoomLocation>>;

class RedisRoomDirectoryTest : public ::testing::Test {
 protected:
  static config::Redis ConfigFor(const RedisServer& server) {
    config::Redis config = RedisProbe::ConfigFor(server);
    config.read_timeout = absl::Milliseconds(500);
    config.write_timeout = absl::Seconds(30);
    return config;
  }

  absl::StatusOr<RoomLocation> Claim(const RoomLocation& location,
                                     const std::string& room = "room") {
    return Await(
        [&](RoomDirectory::Answer answer) { directory_.Claim(room, location, std::move(answer)); });
  }
  absl::StatusOr<RoomLocation> TakeOver(const RoomLocation& from, const RoomLocation& location) {
    return Await([&](RoomDirectory::Answer answer) {
      directory_.TakeOver("room", from, location, std::move(answer));
    });
  }
  absl::StatusOr<RoomLocation> Find(const std::string& room = "room") {
    return Await([&](RoomDirectory::Answer answer) { directory_.Find(room, std::move(answer)); });
  }
  Rooms ConflictsOfRenewing(RedisRoomDirectory& directory, Rooms rooms) {
    Rooms conflicts;
    directory.Renew(std::move(rooms), [&](const std::string& room, const RoomLocation& owner) {
      conflicts.emplace_back(room, owner);
    });
    // Commands are answered in order: what follows the renewal comes after its answer. Twice,
    // since the script may have been unknown at first.
    EXPECT_TRUE(probe_.Ask({"PING"}).ok());
    EXPECT_TRUE(probe_.Ask({"PING"}).ok());
    return conflicts;
  }
  Rooms ConflictsOfRenewing(const RoomLocation& location) {
    return ConflictsOfRenewing(directory_, {{"room", location}});
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    const absl::StatusOr<redis::Reply> reply = probe_.Ask({"KEYS", "*"});
    for (const redis::Reply& key : reply->items) {
      keys.push_back(key.text);
    }
    return keys;
  }

  template <typename Call>
  absl::StatusOr<RoomLocation> Await(Call call) {
    absl::StatusOr<RoomLocation> result = absl::UnknownError("no answer");
    absl::Notification done;
    call([&](absl::StatusOr<RoomLocation> answer) {
      result = std::move(answer);
      done.Notify();
    });
    done.WaitForNotification();  // Within the command timeout.
    return result;
  }

  RedisServer server_;
  RedisProbe probe_{ConfigFor(server_)};
  SystemClock clock_;
  const RoomKeyMaker keys_{RoomKeyMaker::ApiKeys{{"key", "secret"}}};
  RedisRoomDirectory directory_{probe_.client(), clock_, keys_};
};

TEST_F(RedisRoomDirectoryTest, TheFirstClaimWins) {
  EXPECT_TRUE(absl::IsNotFound(Find().status()));
  EXPECT_EQ(*Claim({"CO_1", "ND_1"}), (RoomLocation{"CO_1", "ND_1", 1}));
  EXPECT_EQ(*Claim({"CO_2", "ND_2"}), (RoomLocation{"CO_1", "ND_1", 1}));
  EXPECT_EQ(*Find(), (RoomLocation{"CO_1", "ND_1", 1}));
}

TEST_F(RedisRoomDirectoryTest, TheOwnerMayMoveItsRoom) {
  ASSERT_TRUE(Claim({"CO_1", "ND_1"}).ok());
  EXPECT_EQ(Claim({"CO_1", "ND_1"})->epoch, 1u);
  EXPECT_EQ(*Claim({"CO_1", "ND_2"}), (RoomLocation{"CO_1", "ND_2", 2}));
  EXPECT_EQ(*Claim({"CO_1", "ND_3", 7}), (RoomLocation{"CO_1", "ND_3", 7}));
  EXPECT_EQ(*Claim({"CO_1", "ND_2", 6}), (RoomLocation{"CO_1", "ND_3", 7}));
}

TEST_F(RedisRoomDirectoryTest, OnlyTheOwnerReleasesAndTheEpochIsRemembered) {
  ASSERT_TRUE(Claim({"CO_1", "ND_1", 4}).ok());
  directory_.Release("room", "CO_2");
  EXPECT_TRUE(Find().ok());
  directory_.Release("room", "CO_1");
  EXPECT_TRUE(absl::IsNotFound(Find().status()));
  EXPECT_EQ(Claim({"CO_2", "ND_2"})->epoch, 5u);
  directory_.Release("room", "CO_2");
  EXPECT_EQ(Claim({"CO_2", "ND_2", 1})->epoch, 6u);
}

TEST_F(RedisRoomDirectoryTest, AClaimWithoutAWorkerIsOne) {
  EXPECT_EQ(*Claim({"CO_1", ""}), (RoomLocation{"CO_1", "", 1}));
  EXPECT_EQ(*Find(), (RoomLocation{"CO_1", "", 1}));
}

TEST_F(RedisRoomDirectoryTest, OneOfSeveralTakesARoomOver) {
  const RoomLocation gone = *Claim({"CO_1", "ND_1"});
  EXPECT_EQ(*TakeOver(gone, {"CO_2", "ND_1"}), (RoomLocation{"CO_2", "ND_1", 2}));
  EXPECT_EQ(*TakeOver(gone, {"CO_3", "ND_1"}), (RoomLocation{"CO_2", "ND_1", 2}));
  EXPECT_EQ(*TakeOver(gone, {"CO_2", "ND_1"}), (RoomLocation{"CO_2", "ND_1", 2}));  // Once more.
}

TEST_F(RedisRoomDirectoryTest, ALostEntryDoesNotHinderATakeover) {
  EXPECT_EQ(*TakeOver({"CO_1", "ND_1", 3}, {"CO_2", "ND_1"}), (RoomLocation{"CO_2", "ND_1", 4}));
  EXPECT_EQ(*TakeOver({"CO_2", "ND_1", 4}, {"CO_3", "ND_1", 9}), (RoomLocation{"CO_3", "ND_1", 9}));
}

TEST_F(RedisRoomDirectoryTest, ALeaseEndsUnlessItIsRenewed) {
  RedisRoomDirectory brief(probe_.client(), clock_, keys_, absl::Milliseconds(400));
  const auto find = [&] {
    return Await([&](RoomDirectory::Answer answer) { brief.Find("room", std::move(answer)); });
  };
  const auto claim = [&](const RoomLocation& location) {
    return Await(
        [&](RoomDirectory::Answer answer) { brief.Claim("room", location, std::move(answer)); });
  };
  const RoomLocation ours = *claim({"CO_1", "ND_1"});
  EXPECT_TRUE(Eventually([&] { return absl::IsNotFound(find().status()); }));
  EXPECT_THAT(ConflictsOfRenewing(brief, {{"room", ours}}), IsEmpty());
  EXPECT_EQ(*find(), ours);  // Late, but nobody took it.
  EXPECT_TRUE(Eventually([&] { return absl::IsNotFound(find().status()); }));
  EXPECT_EQ(*claim({"CO_2", "ND_2"}), (RoomLocation{"CO_2", "ND_2", 2}));
  EXPECT_THAT(ConflictsOfRenewing(brief, {{"room", ours}}),
              ElementsAre(Pair("room", RoomLocation{"CO_2", "ND_2", 2})));
}

TEST_F(RedisRoomDirectoryTest, RenewingPutsBackWhatRedisLost) {
  Rooms rooms;
  for (int i = 0; i < 250; ++i) {
    const std::string room = "room-" + std::to_string(i);
    rooms.emplace_back(room, *Claim({"CO_1", "ND_1", 3}, room));
  }
  ASSERT_TRUE(probe_.Ask({"FLUSHALL"}).ok());
  EXPECT_TRUE(absl::IsNotFound(Find("room-7").status()));
  EXPECT_THAT(ConflictsOfRenewing(directory_, rooms), IsEmpty());
  EXPECT_EQ(Keys().size(), 250u);
  EXPECT_EQ(*Find("room-249"), (RoomLocation{"CO_1", "ND_1", 3}));
}

TEST_F(RedisRoomDirectoryTest, WhoLostTheRoomHearsItAtItsNextRenewal) {
  const RoomLocation gone = *Claim({"CO_1", "ND_1"});
  const RoomLocation owner = *TakeOver(gone, {"CO_2", "ND_1"});
  EXPECT_THAT(ConflictsOfRenewing(gone), ElementsAre(Pair("room", owner)));
  EXPECT_THAT(ConflictsOfRenewing(owner), IsEmpty());
  directory_.Release("room", "CO_2");
  // Also when it has ended meanwhile: the worker obeys the later owner.
  EXPECT_EQ(ConflictsOfRenewing(gone).size(), 1u);
}

TEST_F(RedisRoomDirectoryTest, TheHigherEpochWinsARenewal) {
  ASSERT_TRUE(Claim({"CO_2", "ND_2"}).ok());
  EXPECT_THAT(ConflictsOfRenewing({"CO_1", "ND_1", 2}), IsEmpty());
  EXPECT_EQ(*Find(), (RoomLocation{"CO_1", "ND_1", 2}));
}

TEST_F(RedisRoomDirectoryTest, ARenewalDoesNotUndoWhatCameMeanwhile) {
  const RoomLocation before = *Claim({"CO_1", "ND_1"});
  ASSERT_EQ(Claim({"CO_1", "ND_2"})->epoch, 2u);
  EXPECT_THAT(ConflictsOfRenewing(before), IsEmpty());
  EXPECT_EQ(*Find(), (RoomLocation{"CO_1", "ND_2", 2}));
  directory_.Release("room", "CO_1");
  EXPECT_THAT(ConflictsOfRenewing(before), IsEmpty());
  EXPECT_TRUE(absl::IsNotFound(Find().status()));
}

// Redis lost everything, and before the owner's next renewal somebody made the room anew.
TEST_F(RedisRoomDirectoryTest, BetweenEqualsTheRoomThatIsOlderStays) {
  RedisRoomDirectory other(probe_.client(), clock_, keys_);
  const RoomLocation ours = *Claim({"CO_1", "ND_1"});
  absl::SleepFor(absl::Milliseconds(1500));
  ASSERT_TRUE(probe_.Ask({"FLUSHALL"}).ok());
  const RoomLocation theirs = *Await([&](RoomDirectory::Answer answer) {
    other.Claim("room", {"CO_2", "ND_2"}, std::move(answer));
  });
  ASSERT_EQ(theirs, (RoomLocation{"CO_2", "ND_2", 1}));
  EXPECT_THAT(ConflictsOfRenewing(directory_, {{"room", ours}}), IsEmpty());
  EXPECT_THAT(ConflictsOfRenewing(other, {{"room", theirs}}), ElementsAre(Pair("room", ours)));
  EXPECT_THAT(ConflictsOfRenewing(directory_, {{"room", ours}}), IsEmpty());
}

TEST_F(RedisRoomDirectoryTest, NonsenseIsNothingAndIsOverwritten) {
  const std::string key = keys_.KeyOf("room");
  const std::vector<redis::Command> commands = {
      {"SET", key, "nonsense"},
      {"SET", key, "1 1 1 99999999999999999999 CO_9 ND_9"},
      {"SET", key, "1 -1 1 999999999999999 CO_9 ND_9"},
      {"SET", key, std::string(20'000'000, 'x')},
      {"LPUSH", key, "a list"},
      {"HSET", key, "a", "hash"},
  };
  uint64_t count = 0;
  for (const redis::Command& command : commands) {
    ASSERT_TRUE(probe_.Ask({"DEL", key}).ok());
    ASSERT_TRUE(probe_.Ask(command).ok());
    EXPECT_TRUE(absl::IsNotFound(Find().status()));
    directory_.Release("room", "CO_9");
    EXPECT_EQ(*Claim({"CO_1", "ND_1"}), (RoomLocation{"CO_1", "ND_1", 1}));
    EXPECT_EQ(*Find(), (RoomLocation{"CO_1", "ND_1", 1}));
    EXPECT_GE(directory_.nonsense(), count + 3);
    count = directory_.nonsense();
  }
}

TEST_F(RedisRoomDirectoryTest, IdsThatCannotBeStoredAreRefused) {
  for (const RoomLocation& location :
       {RoomLocation{"CO_1", "with space"}, RoomLocation{"", "ND_1"},
        RoomLocation{"CO_1", std::string(200, 'x')}, RoomLocation{"CO_1", "new\nline"},
        RoomLocation{"CO_1", "ND_1", UINT64_MAX}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Claim(location).status()));
    EXPECT_TRUE(absl::IsInvalidArgument(TakeOver(location, {"CO_2", "ND_2"}).status()));
    EXPECT_THAT(ConflictsOfRenewing(location), IsEmpty());
  }
  EXPECT_THAT(Keys(), IsEmpty());
}

TEST_F(RedisRoomDirectoryTest, RedisHoldsNoNames) {
  ASSERT_TRUE(Claim({"CO_1", "ND_1"}, "planted-room-name").ok());
  const std::vector<std::string> keys = Keys();
  ASSERT_EQ(keys.size(), 1u);
  EXPECT_THAT(keys[0], AllOf(StartsWith("sfu:room:"), Not(HasSubstr("planted"))));
  EXPECT_THAT(probe_.Ask({"GET", keys[0]})->text, Not(HasSubstr("planted")));
  // Nor for ever.
  const int64_t expires_ms = probe_.Ask({"PTTL", keys[0]})->integer;
  EXPECT_GT(expires_ms, 30'000);
  EXPECT_LE(expires_ms, 630'000);
}

TEST_F(RedisRoomDirectoryTest, AnAbsentRedisIsUnavailableAndThenThereAgain) {
  const RoomLocation ours = *Claim({"CO_1", "ND_1"});
  server_.Kill();
  EXPECT_TRUE(Eventually([this] { return absl::IsUnavailable(Find().status()); }));
  EXPECT_TRUE(absl::IsUnavailable(Claim({"CO_1", "ND_1"}).status()));
  EXPECT_TRUE(absl::IsUnavailable(TakeOver(ours, {"CO_2", "ND_1"}).status()));
  directory_.Release("room", "CO_2");
  directory_.Renew({{"room", ours}}, [](const std::string&, const RoomLocation&) { FAIL(); });
  server_.Start();
  ASSERT_TRUE(probe_.AskUntilAnswered({"PING"}).ok());
  EXPECT_THAT(ConflictsOfRenewing(ours), IsEmpty());
  EXPECT_EQ(*Find(), ours);
}

TEST_F(RedisRoomDirectoryTest, ASlowRedisIsUnavailableInTime) {
  server_.Pause();
  EXPECT_TRUE(absl::IsUnavailable(Claim({"CO_1", "ND_1"}).status()));
  server_.Resume();
  // Whether or not that claim was carried out meanwhile: saying it again is right.
  EXPECT_TRUE(Eventually([this] { return Claim({"CO_1", "ND_1"}).ok(); }));
}

}  // namespace
}  // namespace sfu::directory
