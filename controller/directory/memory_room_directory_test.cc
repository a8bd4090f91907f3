#include "controller/directory/memory_room_directory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::directory {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class MemoryRoomDirectoryTest : public ::testing::Test {
 protected:
  RoomLocation Claim(const RoomLocation& location) {
    RoomLocation owner;
    directory_.Claim("room", location,
                     [&owner](absl::StatusOr<RoomLocation> answer) { owner = *answer; });
    return owner;
  }
  RoomLocation TakeOver(const RoomLocation& from, const RoomLocation& location) {
    RoomLocation owner;
    directory_.TakeOver("room", from, location,
                        [&owner](absl::StatusOr<RoomLocation> answer) { owner = *answer; });
    return owner;
  }
  std::vector<std::pair<std::string, RoomLocation>> ConflictsOfRenewing(
      const RoomLocation& location) {
    std::vector<std::pair<std::string, RoomLocation>> conflicts;
    directory_.Renew({{"room", location}},
                     [&conflicts](const std::string& room, const RoomLocation& owner) {
                       conflicts.emplace_back(room, owner);
                     });
    return conflicts;
  }
  std::optional<RoomLocation> Find() {
    std::optional<RoomLocation> location;
    directory_.Find("room", [&location](const absl::StatusOr<RoomLocation>& answer) {
      if (answer.ok()) {
        location = *answer;
      }
    });
    return location;
  }

  MemoryRoomDirectory directory_;
};

TEST_F(MemoryRoomDirectoryTest, TheFirstClaimWins) {
  EXPECT_EQ(Claim({"CO_1", "ND_1"}), (RoomLocation{"CO_1", "ND_1", 1}));
  EXPECT_EQ(Claim({"CO_2", "ND_2"}), (RoomLocation{"CO_1", "ND_1", 1}));
}

TEST_F(MemoryRoomDirectoryTest, TheOwnerMayMoveItsRoom) {
  Claim({"CO_1", "ND_1"});
  EXPECT_EQ(Claim({"CO_1", "ND_1"}).epoch, 1u);
  EXPECT_EQ(Claim({"CO_1", "ND_2"}), (RoomLocation{"CO_1", "ND_2", 2}));
  EXPECT_EQ(Claim({"CO_1", "ND_3", 7}), (RoomLocation{"CO_1", "ND_3", 7}));
}

TEST_F(MemoryRoomDirectoryTest, ALateClaimOfTheOwnerChangesNothing) {
  Claim({"CO_1", "ND_1", 5});
  EXPECT_EQ(Claim({"CO_1", "ND_2", 4}), (RoomLocation{"CO_1", "ND_1", 5}));
}

TEST_F(MemoryRoomDirectoryTest, OnlyTheOwnerReleases) {
  Claim({"CO_1", "ND_1"});
  directory_.Release("room", "CO_2");
  EXPECT_TRUE(Find());
  directory_.Release("room", "CO_1");
  EXPECT_FALSE(Find());
}

TEST_F(MemoryRoomDirectoryTest, TheNextOwnerHasAHigherEpoch) {
  Claim({"CO_1", "ND_1", 4});
  directory_.Release("room", "CO_1");
  EXPECT_EQ(Claim({"CO_2", "ND_2"}).epoch, 5u);
}

TEST_F(MemoryRoomDirectoryTest, OneOfSeveralTakesARoomOver) {
  const RoomLocation gone = Claim({"CO_1", "ND_1"});
  EXPECT_EQ(TakeOver(gone, {"CO_2", "ND_1"}), (RoomLocation{"CO_2", "ND_1", 2}));
  EXPECT_EQ(TakeOver(gone, {"CO_3", "ND_1"}), (RoomLocation{"CO_2", "ND_1", 2}));
}

TEST_F(MemoryRoomDirectoryTest, ALostEntryDoesNotHinderATakeover) {
  EXPECT_EQ(TakeOver({"CO_1", "ND_1", 3}, {"CO_2", "ND_1", 9}), (RoomLocation{"CO_2", "ND_1", 9}));
}

TEST_F(MemoryRoomDirectoryTest, RenewingPutsBackWhatWasLost) {
  EXPECT_THAT(ConflictsOfRenewing({"CO_1", "ND_1", 3}), IsEmpty());
  EXPECT_EQ(Find(), (RoomLocation{"CO_1", "ND_1", 3}));
}

TEST_F(MemoryRoomDirectoryTest, WhoLostTheRoomHearsItAtItsNextRenewal) {
  const RoomLocation gone = Claim({"CO_1", "ND_1"});
  const RoomLocation owner = TakeOver(gone, {"CO_2", "ND_1"});
  EXPECT_THAT(ConflictsOfRenewing(gone), ElementsAre(Pair("room", owner)));
  EXPECT_THAT(ConflictsOfRenewing(owner), IsEmpty());
  EXPECT_EQ(Find(), owner);
}

TEST_F(MemoryRoomDirectoryTest, TheHigherEpochWinsARenewal) {
  Claim({"CO_2", "ND_2"});
  EXPECT_THAT(ConflictsOfRenewing({"CO_1", "ND_1", 2}), IsEmpty());
  EXPECT_EQ(Find(), (RoomLocation{"CO_1", "ND_1", 2}));
}

}  // namespace
}  // namespace sfu::directory
