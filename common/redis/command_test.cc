#include "common/redis/command.h"

#include <gtest/gtest.h>

#include "common/redis/reply_decoder.h"

namespace sfu::redis {
namespace {

TEST(CommandTest, IsEncodedAsRedisReadsIt) {
  std::string bytes;
  EncodeCommand({"SET", "key", std::string("a\0\r\n", 4), ""}, bytes);
  EXPECT_EQ(bytes,
            std::string("*4\r\n$3\r\nSET\r\n$3\r\nkey\r\n$4\r\na") + '\0' + "\r\n\r\n$0\r\n\r\n");
  // Which is also what a reply looks like.
  ReplyDecoder decoder;
  const auto replies = decoder.Decode(bytes);
  ASSERT_TRUE(replies.has_value());
  ASSERT_EQ(replies->size(), 1u);
  EXPECT_EQ((*replies)[0].items[2].text, std::string("a\0\r\n", 4));
}

TEST(CommandTest, ErrorsAreToldApart) {
  const auto status = [](std::string text) {
    return StatusOf({.kind = Reply::Kind::kError, .text = std::move(text)});
  };
  EXPECT_TRUE(absl::IsNotFound(status("NOSCRIPT No matching script.")));
  EXPECT_TRUE(absl::IsUnavailable(status("LOADING Redis is loading the dataset in memory")));
  EXPECT_TRUE(absl::IsUnavailable(status("OOM command not allowed")));
  EXPECT_TRUE(absl::IsInternal(status("WRONGTYPE Operation against a key")));
  EXPECT_TRUE(absl::IsInternal(status("")));
  EXPECT_TRUE(AsksToReconnect({.kind = Reply::Kind::kError, .text = "READONLY You can't write"}));
  EXPECT_FALSE(AsksToReconnect({.kind = Reply::Kind::kError, .text = "ERR READONLY"}));
}

}  // namespace
}  // namespace sfu::redis
