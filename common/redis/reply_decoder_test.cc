#include "common/redis/reply_decoder.h"

#include <optional>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sfu::redis {
namespace {

using ::testing::SizeIs;

std::vector<Reply> Decode(ReplyDecoder& decoder, std::string_view bytes) {
  Expected<std::vector<Reply>, DecodeError> replies = decoder.Decode(bytes);
  EXPECT_TRUE(replies.has_value());
  return replies ? *replies : std::vector<Reply>();
}

std::optional<DecodeError> ErrorOf(std::string_view bytes) {
  ReplyDecoder decoder;
  const Expected<std::vector<Reply>, DecodeError> replies = decoder.Decode(bytes);
  return replies ? std::nullopt : std::optional(replies.error());
}

const std::string kEveryKind = std::string("+OK\r\n-ERR no\r\n:-7\r\n$3\r\na") + '\0' +
                               "b\r\n$-1\r\n*2\r\n:1\r\n*1\r\n+x\r\n*-1\r\n*0\r\n$0\r\n\r\n";

void ExpectEveryKind(const std::vector<Reply>& replies) {
  ASSERT_THAT(replies, SizeIs(9));
  EXPECT_TRUE(replies[0].is_status("OK"));
  EXPECT_TRUE(replies[1].is_error());
  EXPECT_EQ(replies[1].text, "ERR no");
  EXPECT_EQ(replies[2].kind, Reply::Kind::kInteger);
  EXPECT_EQ(replies[2].integer, -7);
  EXPECT_TRUE(replies[3].is_text());
  EXPECT_EQ(replies[3].text, std::string("a\0b", 3));
  EXPECT_EQ(replies[4].kind, Reply::Kind::kNull);
  ASSERT_THAT(replies[5].items, SizeIs(2));
  EXPECT_EQ(replies[5].items[0].integer, 1);
  ASSERT_THAT(replies[5].items[1].items, SizeIs(1));
  EXPECT_TRUE(replies[5].items[1].items[0].is_status("x"));
  EXPECT_EQ(replies[6].kind, Reply::Kind::kNull);
  EXPECT_TRUE(replies[7].is_array());
  EXPECT_THAT(replies[7].items, SizeIs(0));
  EXPECT_TRUE(replies[8].is_text());
}

TEST(ReplyDecoderTest, ReadsEveryKind) {
  ReplyDecoder decoder;
  ExpectEveryKind(Decode(decoder, kEveryKind));
}

TEST(ReplyDecoderTest, ReadsThemInAnyPieces) {
  for (size_t size = 1; size < kEveryKind.size(); ++size) {
    ReplyDecoder decoder;
    std::vector<Reply> replies;
    for (size_t i = 0; i < kEveryKind.size(); i += size) {
      for (Reply& reply : Decode(decoder, std::string_view(kEveryKind).substr(i, size))) {
        replies.push_back(std::move(reply));
      }
    }
    ExpectEveryKind(replies);
  }
}

TEST(ReplyDecoderTest, RefusesWhatIsNotRedis) {
  EXPECT_EQ(ErrorOf("HTTP/1.1 400 Bad Request\r\n\r\n"), DecodeError::kMalformed);
  EXPECT_EQ(ErrorOf(":12x\r\n"), DecodeError::kMalformed);
  EXPECT_EQ(ErrorOf("$-7\r\n"), DecodeError::kMalformed);
  EXPECT_EQ(ErrorOf("%1\r\n+a\r\n+b\r\n"), DecodeError::kMalformed);  // RESP3.
}

TEST(ReplyDecoderTest, RefusesNestingWithoutEnd) {
  std::string bytes;
  for (int i = 0; i < 100; ++i) {
    bytes += "*1\r\n";
  }
  EXPECT_EQ(ErrorOf(bytes), DecodeError::kMalformed);
}

TEST(ReplyDecoderTest, MakesNoRoomForWhatItIsOnlyPromised) {
  EXPECT_EQ(ErrorOf("*1000000000\r\n"), DecodeError::kTooLarge);
  // Each small enough, together not.
  EXPECT_EQ(ErrorOf("*60000\r\n*60000\r\n"), DecodeError::kTooLarge);
}

TEST(ReplyDecoderTest, CountsItemsPerReply) {
  std::string bytes = "*40000\r\n";
  for (int i = 0; i < 40'000; ++i) {
    bytes += ":1\r\n";
  }
  ReplyDecoder decoder;
  EXPECT_THAT(Decode(decoder, bytes + bytes), SizeIs(2));
}

TEST(ReplyDecoderTest, KeepsNoMoreThanTheLimitWaitingForTheRest) {
  ReplyDecoder decoder;
  const std::string piece(1 << 20, 'x');
  bool refused = !decoder.Decode("$500000000\r\n").has_value();
  size_t fed = 0;
  while (!refused && fed < 500'000'000) {
    refused = !decoder.Decode(piece).has_value();
    fed += piece.size();
  }
  EXPECT_TRUE(refused);
  EXPECT_LE(fed, kMaxReplyBytes + piece.size());
}

}  // namespace
}  // namespace sfu::redis
