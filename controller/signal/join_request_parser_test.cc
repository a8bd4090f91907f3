#include "controller/signal/join_request_parser.h"

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

namespace sfu::signal {
namespace {

using testing::ElementsAre;
using testing::Pair;

auth::Claims GoodClaims() {
  auth::Claims claims;
  claims.identity = "alice";
  claims.video.emplace().room_join = true;
  claims.video->room = "lobby";
  return claims;
}

std::string Base64Url(std::string_view bytes) {
  std::string text;
  absl::WebSafeBase64Escape(absl::string_view(bytes.data(), bytes.size()), &text);
  return text;
}

std::string Gzip(std::string_view text) {
  z_stream stream = {};
  EXPECT_EQ(deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string compressed(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

std::string Wrap(std::string bytes, bool gzip) {
  livekit::WrappedJoinRequest wrapped;
  wrapped.set_compression(gzip ? livekit::WrappedJoinRequest::GZIP
                               : livekit::WrappedJoinRequest::NONE);
  wrapped.set_join_request(gzip ? Gzip(bytes) : std::move(bytes));
  return Base64Url(wrapped.SerializeAsString());
}

std::string Wrap(const livekit::JoinRequest& request, bool gzip = true) {
  return Wrap(request.SerializeAsString(), gzip);
}

Expected<room::JoinParameters, HttpRefusal> Parse(Path path, std::string_view query,
                                                  const auth::Claims& claims = GoodClaims(),
                                                  bool validate = false) {
  const QueryParameters parameters = QueryParameters::Parse(query);
  return ParseJoin({.path = path,
                    .query = parameters,
                    .user_agent = "Mozilla/5.0 (X11; Linux x86_64; rv:126.0) Gecko/20100101 "
                                  "Firefox/126.0",
                    .validate = validate},
                   &claims);
}

void ExpectRefusal(const Expected<room::JoinParameters, HttpRefusal>& result, int status,
                   std::string_view text) {
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, status);
  EXPECT_EQ(result.error().text, text);
}

TEST(JoinRequestParserTest, Trap06_AbsentAutoSubscribeIsOnInV0AndOffInV1) {
  const auto v0 = Parse(Path::kV0, "");
  ASSERT_TRUE(v0);
  EXPECT_TRUE(v0->auto_subscribe);
  EXPECT_FALSE(v0->single_peer_connection);
  const auto v1 = Parse(Path::kV1, "join_request=" + Wrap(livekit::JoinRequest()));
  ASSERT_TRUE(v1);
  EXPECT_FALSE(v1->auto_subscribe);
  EXPECT_TRUE(v1->single_peer_connection);
  EXPECT_EQ(v1->subscriber_allow_pause, std::optional<bool>(false));
  EXPECT_FALSE(Parse(Path::kV0, "auto_subscribe=0")->auto_subscribe);
  EXPECT_TRUE(Parse(Path::kV0, "auto_subscribe=true")->auto_subscribe);
}

TEST(JoinRequestParserTest, ReadsTheQueryOfV0) {
  const auto join =
      Parse(Path::kV0,
            "access_token=x&sdk=js&version=2.21.0&protocol=17&client_protocol=2&os=macOS&"
            "os_version=14&browser=Chrome&browser_version=126&device_model=Mac%20Book&network=wifi&"
            "capabilities=CAP_PACKET_TRAILER,CAP_NONSENSE&adaptive_stream=1&reconnect=1&sid=PA_x&"
            "reconnect_reason=2");
  ASSERT_TRUE(join);
  EXPECT_EQ(join->client.sdk(), livekit::ClientInfo::JS);
  EXPECT_EQ(join->client.protocol(), 17);
  EXPECT_EQ(join->client.client_protocol(), 2);
  EXPECT_EQ(join->client.device_model(), "Mac Book");
  EXPECT_EQ(join->client.browser(), "Chrome");
  EXPECT_THAT(join->client.capabilities(), ElementsAre(livekit::ClientInfo::CAP_PACKET_TRAILER));
  EXPECT_TRUE(join->adaptive_stream);
  EXPECT_TRUE(join->reconnect);
  EXPECT_EQ(join->participant_sid, "PA_x");
  EXPECT_EQ(join->reconnect_reason, livekit::RR_PUBLISHER_FAILED);
}

TEST(JoinRequestParserTest, SidCountsOnlyOnReconnect) {
  EXPECT_EQ(Parse(Path::kV0, "sid=PA_x")->participant_sid, "");
}

TEST(JoinRequestParserTest, BrowserComesFromTheUserAgentWhereTheClientIsSilent) {
  const auto join = Parse(Path::kV0, "sdk=js");
  EXPECT_EQ(join->client.browser(), "Firefox");
  EXPECT_EQ(join->client.browser_version(), "126.0");
  EXPECT_EQ(join->client.os(), "Linux");
  ASSERT_TRUE(join->client_configuration.has_disabled_codecs());
  EXPECT_EQ(join->client_configuration.disabled_codecs().publish(0).mime(), "video/H264");
  EXPECT_EQ(Parse(Path::kV0, "sdk=rust")->client.browser(), "");
}

TEST(JoinRequestParserTest, ReadsAJoinRequestWithAndWithoutGzip) {
  livekit::JoinRequest request;
  request.mutable_client_info()->set_sdk(livekit::ClientInfo::RUST);
  request.mutable_client_info()->set_address("spoofed");
  request.mutable_connection_settings()->set_auto_subscribe(true);
  request.mutable_publisher_offer()->set_sdp(std::string(20'000, 'v'));
  request.add_add_track_requests()->set_cid("cid");
  for (const bool gzip : {true, false}) {
    const auto join = Parse(Path::kV1, "join_request=" + Wrap(request, gzip));
    ASSERT_TRUE(join) << join.error().text;
    EXPECT_EQ(join->client.sdk(), livekit::ClientInfo::RUST);
    EXPECT_EQ(join->client.address(), "");
    EXPECT_TRUE(join->auto_subscribe);
    ASSERT_TRUE(join->publisher_offer);
    EXPECT_EQ(join->publisher_offer->sdp().size(), 20'000u);
    ASSERT_EQ(join->add_track_requests.size(), 1u);
  }
}

TEST(JoinRequestParserTest, PaddedBase64IsFineToo) {
  livekit::JoinRequest request;
  for (int length = 1; length <= 3; ++length) {
    request.set_participant_sid(std::string(static_cast<size_t>(length), 'x'));
    std::string padded = Wrap(request, false);
    padded.append((4 - padded.size() % 4) % 4, '=');
    const auto join = Parse(Path::kV1, "join_request=" + padded);
    ASSERT_TRUE(join) << length;
  }
}

TEST(JoinRequestParserTest, JoinRequestOnTheOldPathMeansOneConnection) {
  const auto join =
      Parse(Path::kV0, "auto_subscribe=1&join_request=" + Wrap(livekit::JoinRequest()));
  ASSERT_TRUE(join);
  EXPECT_TRUE(join->single_peer_connection);
  EXPECT_FALSE(join->auto_subscribe);
}

TEST(JoinRequestParserTest, BrokenJoinRequestsHaveTheirOwnTexts) {
  ExpectRefusal(Parse(Path::kV1, ""), 400, "join_request is required");
  ExpectRefusal(Parse(Path::kV1, "join_request=***"), 400,
                "cannot base64 decode wrapped join request");
  ExpectRefusal(Parse(Path::kV1, "join_request=" + Base64Url("\xff\xff\xff")), 400,
                "cannot unmarshal wrapped join request");
  ExpectRefusal(Parse(Path::kV1, "join_request=" + Wrap(std::string("\xff\xff\xff"), false)), 400,
                "cannot unmarshal join request");
  livekit::WrappedJoinRequest not_gzip;
  not_gzip.set_compression(livekit::WrappedJoinRequest::GZIP);
  not_gzip.set_join_request("not gzip");
  ExpectRefusal(Parse(Path::kV1, "join_request=" + Base64Url(not_gzip.SerializeAsString())), 400,
                "cannot read decompressed join request");
  livekit::WrappedJoinRequest truncated;
  truncated.set_compression(livekit::WrappedJoinRequest::GZIP);
  const std::string whole = Gzip("some text to compress");
  truncated.set_join_request(whole.substr(0, whole.size() - 9));
  ExpectRefusal(Parse(Path::kV1, "join_request=" + Base64Url(truncated.SerializeAsString())), 400,
                "cannot read decompressed join request");
}

TEST(JoinRequestParserTest, OneMebibyteIsTheEndInflatedOrNot) {
  ExpectRefusal(Parse(Path::kV1, "join_request=" + Wrap(std::string(64 << 20, '\0'), true)), 400,
                "join request too large");
  ExpectRefusal(
      Parse(Path::kV1, "join_request=" + Wrap(std::string(kMaxJoinRequestBytes + 1, '\0'), false)),
      400, "join request too large");
}

TEST(JoinRequestParserTest, RefusalsOfClaimsReadAsClientsKnowThem) {
  const QueryParameters none = QueryParameters::Parse("");
  const JoinHttpRequest request{.path = Path::kV0, .query = none, .user_agent = ""};
  ExpectRefusal(ParseJoin(request, nullptr), 401, "permissions denied");
  auth::Claims claims = GoodClaims();
  claims.video->room_join = false;
  ExpectRefusal(ParseJoin(request, &claims), 401, "no permissions to access the room");
  claims.video.reset();
  ExpectRefusal(ParseJoin(request, &claims), 401, "no permissions to access the room");
  claims = GoodClaims();
  claims.identity.clear();
  ExpectRefusal(ParseJoin(request, &claims), 400, "identity cannot be empty");
  claims.identity = std::string(257, 'i');
  ExpectRefusal(ParseJoin(request, &claims), 400,
                "participant identity length exceeds limits: max length 256");
  claims = GoodClaims();
  claims.video->room.clear();
  ExpectRefusal(ParseJoin(request, &claims), 400, "no room name");
  claims.video->room = std::string(257, 'r');
  ExpectRefusal(ParseJoin(request, &claims), 400,
                "room name length exceeds limits: max length 256");
}

TEST(JoinRequestParserTest, ProfileIsMergedForThoseWhoMay) {
  livekit::JoinRequest request;
  request.set_metadata("new");
  (*request.mutable_participant_attributes())["added"] = "1";
  (*request.mutable_participant_attributes())["empty"] = "";
  const std::string query = "join_request=" + Wrap(request);
  ExpectRefusal(Parse(Path::kV1, query), 401, "permissions denied");
  auth::Claims claims = GoodClaims();
  claims.video->can_update_own_metadata = true;
  claims.metadata = "old";
  claims.attributes = {{"kept", "2"}};
  const auto join = Parse(Path::kV1, query, claims);
  ASSERT_TRUE(join);
  EXPECT_EQ(join->claims.metadata, "new");
  EXPECT_THAT(join->claims.attributes, ElementsAre(Pair("added", "1"), Pair("kept", "2")));
}

TEST(JoinRequestParserTest, UndecodableAttributesMatterOnlyToValidate) {
  auth::Claims claims = GoodClaims();
  claims.video->can_update_own_metadata = true;
  ExpectRefusal(Parse(Path::kV0, "attributes=e30x***", claims, true), 400,
                "cannot decode attributes");
  EXPECT_TRUE(Parse(Path::kV0, "attributes=e30x***", claims, false));
  const auto join = Parse(Path::kV0, "attributes=" + Base64Url(R"({"a":"b"})"), claims, true);
  ASSERT_TRUE(join);
  EXPECT_THAT(join->claims.attributes, ElementsAre(Pair("a", "b")));
}

TEST(JoinRequestParserTest, LegacyPublishConnectionIsItsOwnIdentity) {
  const auto join = Parse(Path::kV0, "publish=1");
  ASSERT_TRUE(join);
  EXPECT_EQ(join->claims.identity, "alice#publish");
  EXPECT_FALSE(join->claims.video->CanSubscribe());
  auth::Claims claims = GoodClaims();
  claims.video->can_publish = false;
  ExpectRefusal(Parse(Path::kV0, "publish=1", claims), 401, "no permissions to access the room");
}

TEST(JoinRequestParserTest, InvalidUtf8NeverReachesAProtobuf) {
  const auto join = Parse(Path::kV0, "os=%FF%FE&device_model=%C3%A9&browser=%ED%A0%80");
  ASSERT_TRUE(join);
  EXPECT_EQ(join->client.device_model(), "\xC3\xA9");
  EXPECT_EQ(join->client.os(), "Linux");
  EXPECT_EQ(join->client.browser(), "Firefox");
}

TEST(QueryParametersTest, DecodesEscapesAndKeepsBrokenOnes) {
  const QueryParameters query = QueryParameters::Parse("a=1%202&b&&c=x+y&d=%4&e=%zz&a=again&=v");
  EXPECT_EQ(query.Get("a"), "1 2");
  EXPECT_EQ(query.Find("b"), std::optional<std::string_view>(""));
  EXPECT_EQ(query.Get("c"), "x y");
  EXPECT_EQ(query.Get("d"), "%4");
  EXPECT_EQ(query.Get("e"), "%zz");
  EXPECT_EQ(query.Find("missing"), std::nullopt);
}

TEST(QueryParametersTest, ReadsAnEscapeAtTheVeryEnd) {
  EXPECT_EQ(QueryParameters::Parse("join_request=AA%3D%3D").Get("join_request"), "AA==");
}

}  // namespace
}  // namespace sfu::signal
