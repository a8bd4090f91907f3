#include "controller/http/route.h"

#include <gtest/gtest.h>

namespace sfu::http {
namespace {

TEST(RouteTest, EachEndpointHasItsPath) {
  EXPECT_EQ(FindRoute("/"), Route::kHealth);
  EXPECT_EQ(FindRoute("/livez"), Route::kLive);
  EXPECT_EQ(FindRoute("/readyz"), Route::kReady);
  EXPECT_EQ(FindRoute("/rtc"), Route::kSignalV0);
  EXPECT_EQ(FindRoute("/rtc/v1"), Route::kSignalV1);
  EXPECT_EQ(FindRoute("/rtc/validate"), Route::kValidateV0);
  EXPECT_EQ(FindRoute("/rtc/v1/validate"), Route::kValidateV1);
  EXPECT_EQ(FindRoute("/twirp/livekit.RoomService/ListRooms"), Route::kTwirp);
  EXPECT_EQ(FindRoute("/try"), Route::kTryPage);
  EXPECT_EQ(FindRoute("/try/livekit-client.umd.js"), Route::kTryPage);
}

TEST(RouteTest, APrefixThatAProxyLeftIsTolerated) {
  EXPECT_EQ(FindRoute("/livekit/rtc"), Route::kSignalV0);
  EXPECT_EQ(FindRoute("/a/b/rtc/v1/validate"), Route::kValidateV1);
  EXPECT_EQ(FindRoute("/livekit//rtc"), Route::kSignalV0);
  EXPECT_EQ(FindRoute("/livekit/twirp/livekit.RoomService/ListRooms"), Route::kTwirp);
}

TEST(RouteTest, NothingElseIsServed) {
  for (const std::string_view path :
       {"/rtcx", "/xrtc", "/rtc/v2", "/tryout", "/metrics", "", "*"}) {
    EXPECT_EQ(FindRoute(path), Route::kNotFound) << path;
  }
}

TEST(RouteTest, SplitsTheTargetAndCollapsesSlashesAtItsStart) {
  EXPECT_EQ(PathOf("//rtc?a=b?c"), "/rtc");
  EXPECT_EQ(QueryOf("//rtc?a=b?c"), "a=b?c");
  EXPECT_EQ(PathOf("///"), "/");
  EXPECT_EQ(QueryOf("/rtc"), "");
}

}  // namespace
}  // namespace sfu::http
