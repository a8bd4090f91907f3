#include "controller/directory/room_key.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::directory {
namespace {

using ::testing::HasSubstr;
using ApiKeys = RoomKeyMaker::ApiKeys;
using ::testing::MatchesRegex;
using ::testing::Not;

TEST(RoomKeyTest, HidesTheName) {
  const RoomKeyMaker keys(ApiKeys{{"key", "secret"}});
  const std::string key = keys.KeyOf("board-meeting");
  EXPECT_THAT(key, MatchesRegex("sfu:room:[A-Za-z0-9_-]*"));
  EXPECT_EQ(key.size(), 9u + 43);
  EXPECT_THAT(key, Not(HasSubstr("meeting")));
  EXPECT_EQ(keys.KeyOf("board-meeting"), key);
  EXPECT_NE(keys.KeyOf("board-meetings"), key);
}

TEST(RoomKeyTest, DependsOnEverySecretAndNothingElse) {
  const std::string key = RoomKeyMaker(ApiKeys{{"a", "1"}, {"b", "2"}}).KeyOf("room");
  EXPECT_EQ(RoomKeyMaker(ApiKeys{{"b", "2"}, {"a", "1"}}).KeyOf("room"), key);
  EXPECT_NE(RoomKeyMaker(ApiKeys{{"a", "1"}, {"b", "3"}}).KeyOf("room"), key);
  EXPECT_NE(RoomKeyMaker(ApiKeys{{"a", "1"}}).KeyOf("room"), key);
  EXPECT_NE(RoomKeyMaker(ApiKeys{{"a", "1b"}, {"", "2"}}).KeyOf("room"), key);
}

}  // namespace
}  // namespace sfu::directory
