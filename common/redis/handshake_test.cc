#include "common/redis/handshake.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<std::string> NamesOf(const std::vector<HandshakeStep>& steps) {
  std::vector<std::string> names;
  for (const HandshakeStep& step : steps) {
    names.push_back(step.command.front());
  }
  return names;
}

std::string Refusal(const HandshakeStep& step, absl::StatusOr<Reply> answer) {
  return std::string(step.judge(answer).message());
}

TEST(HandshakeTest, AsksForWhatIsConfigured) {
  RedisOptions options;
  EXPECT_THAT(NamesOf(ServerHandshake(options)), ElementsAre("PING", "EVAL"));
  options.credentials = {.username = "", .password = "secret"};
  options.database = 3;
  EXPECT_THAT(NamesOf(ServerHandshake(options)), ElementsAre("AUTH", "PING", "SELECT", "EVAL"));
  EXPECT_EQ(ServerHandshake(options)[0].command, (Command{"AUTH", "secret"}));
  EXPECT_EQ(ServerHandshake(options)[2].command, (Command{"SELECT", "3"}));
  options.credentials.username = "me";
  EXPECT_EQ(ServerHandshake(options)[0].command, (Command{"AUTH", "me", "secret"}));
}

TEST(HandshakeTest, AMasterBySentinelsMustBeOne) {
  RedisOptions options;
  options.sentinels = {{.host = "s", .port = 1, .path = ""}};
  const std::vector<HandshakeStep> steps = ServerHandshake(options);
  ASSERT_THAT(NamesOf(steps), ElementsAre("PING", "ROLE", "EVAL"));
  Reply role = {.kind = Reply::Kind::kArray};
  role.items.push_back({.kind = Reply::Kind::kText, .text = "master"});
  EXPECT_TRUE(steps[1].judge(role).ok());
  role.items[0].text = "slave";
  EXPECT_TRUE(absl::IsUnavailable(steps[1].judge(role)));
  EXPECT_FALSE(steps[1].judge(Reply()).ok());
  EXPECT_THAT(NamesOf(SentinelHandshake(options)), ElementsAre("PING"));
  options.sentinel_credentials.password = "x";
  EXPECT_THAT(NamesOf(SentinelHandshake(options)), ElementsAre("AUTH", "PING"));
}

TEST(HandshakeTest, RefusalsNameTheKeyToChange) {
  RedisOptions options;
  options.credentials.password = "x";
  options.database = 99;
  const std::vector<HandshakeStep> steps = ServerHandshake(options);
  EXPECT_THAT(Refusal(steps[0], absl::InternalError("WRONGPASS invalid username-password pair")),
              HasSubstr("redis.password"));
  EXPECT_THAT(Refusal(steps[1], absl::UnavailableError("NOAUTH Authentication required.")),
              HasSubstr("redis.password"));
  EXPECT_THAT(Refusal(steps[2], absl::InternalError("ERR DB index is out of range")),
              HasSubstr("redis.db"));
  EXPECT_THAT(Refusal(steps[3], absl::InternalError("MOVED 1234 10.0.0.1:6379")),
              HasSubstr("Cluster, which is not supported"));
  EXPECT_THAT(Refusal(steps[3], absl::UnavailableError("NOPERM this user has no permissions")),
              HasSubstr("~sfu:*"));
  EXPECT_FALSE(steps[1].judge(Reply{.kind = Reply::Kind::kStatus, .text = "HELLO"}).ok());
  EXPECT_TRUE(steps[1].judge(Reply{.kind = Reply::Kind::kStatus, .text = "PONG"}).ok());
}

}  // namespace
}  // namespace sfu::redis
