#include "controller/api/twirp.h"

#include <string>

#include <gtest/gtest.h>

#include "proto/livekit/room.pb.h"

namespace sfu::api {
namespace {

HttpRequest Post(std::string content_type) {
  HttpRequest request;
  request.method = "POST";
  request.headers.emplace_back("Content-Type", std::move(content_type));
  return request;
}

TEST(TwirpTest, FindsServiceAndMethodBehindAnyPrefix) {
  const auto call =
      ParseTwirpCall(Post("application/json"), "/livekit/twirp/livekit.RoomService/CreateRoom");
  ASSERT_TRUE(call.has_value());
  EXPECT_EQ(call->service, "RoomService");
  EXPECT_EQ(call->method, "CreateRoom");
  EXPECT_EQ(call->encoding, TwirpEncoding::kJson);
}

TEST(TwirpTest, ContentTypeIgnoresCaseAndParameters) {
  const std::string_view path = "/twirp/livekit.RoomService/CreateRoom";
  EXPECT_EQ(ParseTwirpCall(Post("Application/Protobuf"), path)->encoding, TwirpEncoding::kProtobuf);
  EXPECT_EQ(ParseTwirpCall(Post("application/json; charset=utf-8"), path)->encoding,
            TwirpEncoding::kJson);
}

TEST(TwirpTest, RoutingMistakesAreBadRoutes) {
  const std::string_view path = "/twirp/livekit.RoomService/CreateRoom";
  HttpRequest get = Post("application/json");
  get.method = "GET";
  const auto wrong_method = ParseTwirpCall(get, path);
  ASSERT_FALSE(wrong_method.has_value());
  EXPECT_EQ(wrong_method.error().message, "unsupported method \"GET\" (only POST is allowed)");
  EXPECT_EQ(wrong_method.error().meta.at("twirp_invalid_route"),
            "GET /twirp/livekit.RoomService/CreateRoom");
  EXPECT_EQ(ParseTwirpCall(Post("text/plain"), path).error().message,
            "unexpected Content-Type: \"text/plain\"");
  for (const std::string_view wrong :
       {"/twirp/livekit.RoomService", "/twirp/livekit.RoomService/a/b", "/twirp/other"}) {
    const auto call = ParseTwirpCall(Post("application/json"), wrong);
    ASSERT_FALSE(call.has_value()) << wrong;
    EXPECT_EQ(call.error().message, "no handler for path \"" + std::string(wrong) + "\"");
    EXPECT_EQ(HttpStatus(call.error().code), 404);
  }
}

TEST(TwirpTest, ErrorsAreJsonWhateverTheRequestWas) {
  const HttpResponse bare =
      TwirpErrorResponse({.code = TwirpCode::kUnauthenticated, .message = "permissions denied"});
  EXPECT_EQ(bare.status, 401);
  EXPECT_EQ(bare.content_type, "application/json");
  EXPECT_EQ(bare.body, R"({"code":"unauthenticated","msg":"permissions denied"})");
  const HttpResponse meta = TwirpErrorResponse(
      {.code = TwirpCode::kInvalidArgument, .message = "x", .meta = {{"argument", "y"}}});
  EXPECT_EQ(meta.body, R"({"code":"invalid_argument","msg":"x","meta":{"argument":"y"}})");
}

TEST(TwirpTest, AnswersInTheEncodingOfTheRequest) {
  livekit::DeleteRoomRequest message;
  message.set_room("r");
  EXPECT_EQ(TwirpResponse(TwirpEncoding::kJson, message).body, R"({"room":"r"})");
  const HttpResponse binary = TwirpResponse(TwirpEncoding::kProtobuf, message);
  EXPECT_EQ(binary.content_type, "application/protobuf");
  livekit::DeleteRoomRequest copy;
  ASSERT_TRUE(DecodeTwirp(TwirpEncoding::kProtobuf, binary.body, copy));
  EXPECT_EQ(copy.room(), "r");
  EXPECT_FALSE(DecodeTwirp(TwirpEncoding::kProtobuf, "\xff", copy));
  EXPECT_EQ(MalformedBody(TwirpEncoding::kJson).message, "the json request could not be decoded");
}

TEST(TwirpTest, StatusCodesKeepTheirNames) {
  EXPECT_EQ(CodeName(FromStatus(absl::UnavailableError("")).code), "unavailable");
  EXPECT_EQ(CodeName(FromStatus(absl::NotFoundError("")).code), "not_found");
  EXPECT_EQ(CodeName(FromStatus(absl::DataLossError("")).code), "dataloss");
}

}  // namespace
}  // namespace sfu::api
