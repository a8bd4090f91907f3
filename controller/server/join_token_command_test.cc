#include "controller/server/join_token_command.h"

#include <gtest/gtest.h>

#include "common/auth/access_token.h"

namespace sfu::server {
namespace {

class JoinTokenCommandTest : public ::testing::Test {
 protected:
  auth::Claims ClaimsOf(const std::string& text, absl::Time at) {
    EXPECT_TRUE(text.starts_with("Token: ")) << text;
    EXPECT_TRUE(text.ends_with("\n")) << text;
    const auto claims =
        auth::VerifyToken(text.substr(7, text.size() - 8), request_.config.keys, at);
    EXPECT_TRUE(claims.has_value());
    return claims ? *claims : auth::Claims();
  }

  const absl::Time now_ = absl::FromUnixSeconds(1'800'000'000);
  config::MakeJoinToken request_ = [] {
    config::MakeJoinToken request;
    request.config.keys = {{"b", "second"}, {"a", "first"}};
    request.room = "room";
    request.identity = "ann";
    return request;
  }();
};

TEST_F(JoinTokenCommandTest, LetsOnePersonIntoOneRoomForThirtyDays) {
  const std::string text = JoinTokenText(request_, now_);
  const auth::Claims claims = ClaimsOf(text, now_ + absl::Hours(30 * 24 - 1));
  EXPECT_EQ(claims.issuer, "a");
  EXPECT_EQ(claims.identity, "ann");
  EXPECT_EQ(claims.expires_at, now_ + absl::Hours(30 * 24));
  ASSERT_TRUE(claims.video.has_value());
  EXPECT_TRUE(claims.video->room_join);
  EXPECT_EQ(claims.video->room, "room");
  EXPECT_TRUE(claims.video->CanPublish());
  EXPECT_FALSE(claims.video->hidden);
}

TEST_F(JoinTokenCommandTest, ARecorderIsHiddenAndPublishesNothing) {
  request_.recorder = true;
  const auth::Claims claims = ClaimsOf(JoinTokenText(request_, now_), now_);
  ASSERT_TRUE(claims.video.has_value());
  EXPECT_TRUE(claims.video->hidden);
  EXPECT_TRUE(claims.video->recorder);
  EXPECT_FALSE(claims.video->CanPublish());
  EXPECT_FALSE(claims.video->CanPublishData());
}

}  // namespace
}  // namespace sfu::server
