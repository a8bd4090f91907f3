#include "common/redis/command_pipeline.h"

#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::redis {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class CommandPipelineTest : public ::testing::Test {
 protected:
  static constexpr absl::Duration kTimeout = absl::Seconds(2);

  void Ask(const std::string& name) {
    pipeline_.Add(now_, {name}, now_ + kTimeout, [this, name](absl::StatusOr<Reply> reply) {
      told_.push_back(name + (reply.ok() ? "=" + reply->text
                                         : "!" + absl::StatusCodeToString(reply.status().code())));
    });
  }

  Timestamp now_ = Timestamp::FromMicros(1'000'000);
  CommandPipeline pipeline_{absl::Seconds(4)};
  std::vector<std::string> told_;
};

TEST_F(CommandPipelineTest, AnswersInOrder) {
  Ask("A");
  Ask("B");
  EXPECT_EQ(pipeline_.TakeBytes(), "*1\r\n$1\r\nA\r\n*1\r\n$1\r\nB\r\n");
  EXPECT_EQ(pipeline_.TakeBytes(), "");
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "+1\r\n+").ok());
  EXPECT_THAT(told_, ElementsAre("A=1"));
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "2\r\n").ok());
  EXPECT_THAT(told_, ElementsAre("A=1", "B=2"));
  EXPECT_EQ(pipeline_.NextTimeout(), Timestamp::Never());
}

TEST_F(CommandPipelineTest, AnErrorBelongsToTheCommandThatCausedIt) {
  Ask("A");
  Ask("B");
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "-ERR no\r\n+2\r\n").ok());
  EXPECT_THAT(told_, ElementsAre("A!INTERNAL", "B=2"));
  EXPECT_FALSE(pipeline_.wants_reconnect());
}

TEST_F(CommandPipelineTest, AReplyThatComesTooLateIsNotGivenToTheNext) {
  Ask("A");
  now_ = now_ + absl::Seconds(1);
  Ask("B");
  now_ = now_ + absl::Seconds(1);
  EXPECT_EQ(pipeline_.NextTimeout(), now_);
  EXPECT_TRUE(pipeline_.HandleTimeout(now_).ok());
  EXPECT_THAT(told_, ElementsAre("A!DEADLINE_EXCEEDED"));
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "+late\r\n+2\r\n").ok());
  EXPECT_THAT(told_, ElementsAre("A!DEADLINE_EXCEEDED", "B=2"));
}

TEST_F(CommandPipelineTest, AServerThatAnswersNothingIsGivenUp) {
  Ask("A");
  now_ = now_ + absl::Milliseconds(3999);
  EXPECT_TRUE(pipeline_.HandleTimeout(now_).ok());
  EXPECT_EQ(pipeline_.NextTimeout(), now_ + absl::Milliseconds(1));
  now_ = now_ + absl::Milliseconds(1);
  EXPECT_FALSE(pipeline_.HandleTimeout(now_).ok());
}

TEST_F(CommandPipelineTest, ASlowServerIsKept) {
  for (int i = 0; i < 10; ++i) {
    Ask("A");
    now_ = now_ + absl::Milliseconds(1900);
    EXPECT_TRUE(pipeline_.HandleTimeout(now_).ok());
    EXPECT_TRUE(pipeline_.HandleBytes(now_, "+1\r\n").ok());
  }
  EXPECT_THAT(told_, testing::Each("A=1"));
}

TEST_F(CommandPipelineTest, WhatNobodyAskedForEndsTheConnection) {
  EXPECT_FALSE(pipeline_.HandleBytes(now_, "+1\r\n").ok());
}

TEST_F(CommandPipelineTest, NonsenseEndsTheConnection) {
  Ask("A");
  EXPECT_FALSE(pipeline_.HandleBytes(now_, "HTTP/1.1\r\n").ok());
  EXPECT_THAT(told_, IsEmpty());
  pipeline_.FailAll(absl::UnavailableError("gone"));
  EXPECT_THAT(told_, ElementsAre("A!UNAVAILABLE"));
  EXPECT_EQ(pipeline_.TakeBytes(), "");
}

TEST_F(CommandPipelineTest, AReplicaAsksForAnotherServer) {
  Ask("A");
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "-READONLY You can't write against a replica.\r\n").ok());
  EXPECT_THAT(told_, ElementsAre("A!UNAVAILABLE"));
  EXPECT_TRUE(pipeline_.wants_reconnect());
}

TEST_F(CommandPipelineTest, ACallbackMayAskAgain) {
  pipeline_.Add(now_, {"A"}, now_ + kTimeout, [this](const absl::StatusOr<Reply>&) { Ask("B"); });
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "+1\r\n").ok());
  EXPECT_EQ(pipeline_.size(), 1u);
  EXPECT_TRUE(pipeline_.HandleBytes(now_, "+2\r\n").ok());
  EXPECT_THAT(told_, ElementsAre("B=2"));
}

}  // namespace
}  // namespace sfu::redis
