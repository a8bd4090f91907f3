#include "controller/directory/memory_room_directory.h"

#include <gtest/gtest.h>

namespace sfu::directory {
namespace {

class MemoryRoomDirectoryTest : public ::testing::Test {
 protected:
  RoomLocation Claim(const RoomLocation& location) {
    RoomLocation owner;
    directory_.Claim("room", location,
                     [&owner](absl::StatusOr<RoomLocation> answer) { owner = *answer; });
    return owner;
  }
  bool Exists() {
    bool exists = false;
    directory_.Find(
        "room", [&exists](const absl::StatusOr<RoomLocation>& answer) { exists = answer.ok(); });
    return exists;
  }

  MemoryRoomDirectory directory_;
};

TEST_F(MemoryRoomDirectoryTest, TheFirstClaimWins) {
  EXPECT_EQ(Claim({"CO_1", "ND_1"}).controller_id, "CO_1");
  const RoomLocation owner = Claim({"CO_2", "ND_2"});
  EXPECT_EQ(owner.controller_id, "CO_1");
  EXPECT_EQ(owner.worker_id, "ND_1");
}

TEST_F(MemoryRoomDirectoryTest, TheOwnerMayMoveItsRoom) {
  Claim({"CO_1", "ND_1"});
  EXPECT_EQ(Claim({"CO_1", "ND_2"}).worker_id, "ND_2");
}

TEST_F(MemoryRoomDirectoryTest, OnlyTheOwnerReleases) {
  Claim({"CO_1", "ND_1"});
  directory_.Release("room", "CO_2");
  EXPECT_TRUE(Exists());
  directory_.Release("room", "CO_1");
  EXPECT_FALSE(Exists());
}

}  // namespace
}  // namespace sfu::directory
