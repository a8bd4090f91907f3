#include "common/auth/access_token.h"

#include <array>

#include <absl/strings/escaping.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

namespace sfu::auth {
namespace {

using testing::ElementsAre;
using testing::Pair;

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const Keys kKeys = {{"key", "secret-of-key"}, {"other", "secret-of-other"}};

// Signed by another implementation with "secret-of-key". Every kind of member, some null or false,
// and some that do not belong to us.
constexpr std::string_view kForeignToken =
    "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiJ9."
    "eyJpc3MiOiJrZXkiLCJzdWIiOiJhbGljZSIsImV4cCI6MTcwMDAwMzYwMCwibmJmIjoxNzAwMDAwMDAwLCJpZGVudGl0"
    "eSI6Im1hbGxvcnkiLCJ2aWRlbyI6eyJyb29tSm9pbiI6dHJ1ZSwicm9vbSI6ImxvYmJ5IiwiY2FuUHVibGlzaCI6ZmFs"
    "c2UsImNhblN1YnNjcmliZSI6bnVsbCwicm9vbUFkbWluIjpmYWxzZX0sIm1ldGFkYXRhIjpudWxsLCJhdHRyaWJ1dGVz"
    "Ijp7ImEiOiIxIn0sImtpbmQiOiIiLCJyb29tQ29uZmlnIjp7ImVtcHR5VGltZW91dCI6N30sInVua25vd24iOlsxLHsi"
    "eCI6Mn1dfQ.5VNPPImzn8EV5sASutt4DTqHmZQzeGVO1yIVKAQuVwI";

std::string Base64Url(std::string_view text) {
  std::string encoded;
  absl::WebSafeBase64Escape(absl::string_view(text.data(), text.size()), &encoded);
  return encoded;
}

std::string Sign(std::string_view header, std::string_view payload) {
  constexpr std::string_view kSecret = "secret-of-key";
  const std::string input = Base64Url(header) + "." + Base64Url(payload);
  std::array<unsigned char, 32> signature{};
  unsigned int length = 0;
  HMAC(EVP_sha256(), kSecret.data(), kSecret.size(),
       reinterpret_cast<const unsigned char*>(input.data()), input.size(), signature.data(),
       &length);
  return input + "." +
         Base64Url({reinterpret_cast<const char*>(signature.data()), signature.size()});
}

std::string Sign(std::string_view payload) { return Sign(R"({"alg":"HS256"})", payload); }

Expected<Claims, TokenRefusal> Verify(std::string_view token, absl::Time now = kNow) {
  return VerifyToken(token, kKeys, now);
}

std::optional<TokenRefusal> RefusalOf(std::string_view token, absl::Time now = kNow) {
  const auto claims = Verify(token, now);
  return claims ? std::nullopt : std::optional(claims.error());
}

TEST(AccessTokenTest, AcceptsATokenSignedElsewhere) {
  const auto claims = Verify(kForeignToken);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->issuer, "key");
  EXPECT_EQ(claims->expires_at, kNow + absl::Hours(1));
  EXPECT_EQ(claims->metadata, "");
  EXPECT_THAT(claims->attributes, ElementsAre(Pair("a", "1")));
  EXPECT_EQ(claims->room_config_json, R"({"emptyTimeout":7})");
  ASSERT_TRUE(claims->video);
  EXPECT_TRUE(claims->video->room_join);
  EXPECT_EQ(claims->video->room, "lobby");
}

TEST(AccessTokenTest, KeepsAbsentApartFromFalse) {
  const auto claims = Verify(kForeignToken);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->video->can_publish, std::optional<bool>(false));
  EXPECT_EQ(claims->video->can_subscribe, std::nullopt);
  EXPECT_TRUE(claims->video->CanSubscribe());
}

TEST(AccessTokenTest, Trap08_IdentityIsTheSubjectAndNeverTheJsonMemberOfThatName) {
  EXPECT_EQ(Verify(kForeignToken)->identity, "alice");
}

TEST(AccessTokenTest, Trap08_ExpiryIsMandatory) {
  EXPECT_EQ(RefusalOf(Sign(R"({"iss":"key","sub":"a"})")), TokenRefusal::kNoExpiry);
  EXPECT_EQ(RefusalOf(Sign(R"({"iss":"key","sub":"a","exp":null})")), TokenRefusal::kNoExpiry);
}

TEST(AccessTokenTest, Trap08_TimesHaveAMinuteOfLeeway) {
  const std::string token = Sign(R"({"iss":"key","nbf":1700000000,"exp":1700000100})");
  const absl::Time starts = absl::FromUnixSeconds(1700000000);
  const absl::Time ends = absl::FromUnixSeconds(1700000100);
  EXPECT_EQ(RefusalOf(token, starts - absl::Seconds(61)), TokenRefusal::kNotYetValid);
  EXPECT_EQ(RefusalOf(token, starts - absl::Seconds(59)), std::nullopt);
  EXPECT_EQ(RefusalOf(token, ends + absl::Seconds(59)), std::nullopt);
  EXPECT_EQ(RefusalOf(token, ends + absl::Seconds(61)), TokenRefusal::kExpired);
}

TEST(AccessTokenTest, Trap08_DataFollowsPublishWhereNothingIsSaid) {
  EXPECT_FALSE(Verify(kForeignToken)->video->CanPublishData());
  const auto explicit_data =
      Verify(Sign(R"({"iss":"key","exp":1700003600,"video":{"canPublish":false,)"
                  R"("canPublishData":true}})"));
  EXPECT_TRUE(explicit_data->video->CanPublishData());
}

TEST(AccessTokenTest, FallsBackToTheTokenIdForLegacyTokens) {
  EXPECT_EQ(Verify(Sign(R"({"iss":"key","exp":1700003600,"jti":"bob"})"))->identity, "bob");
}

TEST(AccessTokenTest, RefusesUnsignedTokens) {
  const std::string payload = R"({"iss":"key","sub":"a","exp":1700003600})";
  const std::string unsigned_token =
      Base64Url(R"({"alg":"none"})") + "." + Base64Url(payload) + ".";
  EXPECT_EQ(RefusalOf(unsigned_token), TokenRefusal::kUnsupportedAlgorithm);
  EXPECT_EQ(RefusalOf(Sign(R"({"alg":"none"})", payload)), TokenRefusal::kUnsupportedAlgorithm);
  EXPECT_EQ(RefusalOf(Sign(R"({"alg":"HS512"})", payload)), TokenRefusal::kUnsupportedAlgorithm);
  EXPECT_EQ(RefusalOf(Sign(R"({"typ":"JWT"})", payload)), TokenRefusal::kUnsupportedAlgorithm);
}

TEST(AccessTokenTest, RefusesTheWrongKey) {
  const std::string payload_of_stranger = R"({"iss":"stranger","exp":1700003600})";
  EXPECT_EQ(RefusalOf(Sign(payload_of_stranger)), TokenRefusal::kUnknownKey);
  const std::string payload_of_other = R"({"iss":"other","exp":1700003600})";
  EXPECT_EQ(RefusalOf(Sign(payload_of_other)), TokenRefusal::kBadSignature);
}

TEST(AccessTokenTest, RefusesAChangedPayload) {
  const std::string token = Sign(R"({"iss":"key","sub":"alice","exp":1700003600})");
  const size_t first = token.find('.');
  const size_t last = token.rfind('.');
  const std::string forged = token.substr(0, first + 1) +
                             Base64Url(R"({"iss":"key","sub":"admin","exp":1700003600})") +
                             token.substr(last);
  EXPECT_EQ(RefusalOf(forged), TokenRefusal::kBadSignature);
  EXPECT_EQ(RefusalOf(token.substr(0, token.size() - 4)), TokenRefusal::kBadSignature);
}

TEST(AccessTokenTest, RefusesGarbage) {
  for (const std::string_view garbage :
       {"", ".", "..", "...", "a.b", "a.b.c.d", "!!.!!.!!", "e30.e30.e30.e30"}) {
    EXPECT_EQ(RefusalOf(garbage), TokenRefusal::kMalformed) << garbage;
  }
  EXPECT_EQ(RefusalOf(Sign("[]")), TokenRefusal::kMalformed);
  EXPECT_EQ(RefusalOf(Sign(R"({"iss":7})")), TokenRefusal::kMalformed);
  EXPECT_EQ(RefusalOf(Sign(R"({"iss":"key","exp":"soon"})")), TokenRefusal::kMalformed);
  EXPECT_EQ(RefusalOf(Sign(R"({"iss":"key","exp":1e300})")), TokenRefusal::kMalformed);
  EXPECT_EQ(RefusalOf(Sign(R"({"iss":"key","exp":1700003600,"video":{"room":{}}})")),
            TokenRefusal::kMalformed);
}

TEST(AccessTokenTest, RefusesEveryTruncation) {
  for (size_t length = 0; length < kForeignToken.size(); ++length) {
    EXPECT_TRUE(RefusalOf(kForeignToken.substr(0, length)).has_value()) << length;
  }
}

TEST(AccessTokenTest, RefusesOversizedTokensUnread) {
  EXPECT_EQ(RefusalOf(std::string(kMaxTokenBytes + 1, 'a')), TokenRefusal::kMalformed);
}

TEST(AccessTokenTest, RoundTripKeepsEverything) {
  Claims claims;
  claims.identity = "alice";
  claims.expires_at = kNow + absl::Minutes(10);
  claims.not_before = kNow;
  claims.name = "Alice \"quoted\" \xC3\xA9";
  claims.kind = "agent";
  claims.kind_details = {"cloud_agent"};
  claims.metadata = R"({"nested":"json"})";
  claims.attributes = {{"k", "v"}, {"empty", ""}};
  VideoGrant& video = claims.video.emplace();
  video.room_join = true;
  video.room = "lobby";
  video.can_publish = true;
  video.can_subscribe = false;
  video.can_publish_sources = {"camera", "microphone"};
  video.hidden = true;
  claims.sip.call = true;
  claims.agent.admin = true;
  claims.room_config_json = R"({"metadata":"x"})";
  claims.room_preset = "preset";

  const auto verified = Verify(SignToken(claims, "other", "secret-of-other"));
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->issuer, "other");
  EXPECT_EQ(verified->identity, claims.identity);
  EXPECT_EQ(verified->expires_at, claims.expires_at);
  EXPECT_EQ(verified->not_before, claims.not_before);
  EXPECT_EQ(verified->name, claims.name);
  EXPECT_EQ(verified->kind, claims.kind);
  EXPECT_EQ(verified->kind_details, claims.kind_details);
  EXPECT_EQ(verified->metadata, claims.metadata);
  EXPECT_EQ(verified->attributes, claims.attributes);
  EXPECT_EQ(verified->video->can_publish, video.can_publish);
  EXPECT_EQ(verified->video->can_subscribe, video.can_subscribe);
  EXPECT_EQ(verified->video->can_publish_data, std::nullopt);
  EXPECT_EQ(verified->video->can_publish_sources, video.can_publish_sources);
  EXPECT_TRUE(verified->video->hidden);
  EXPECT_TRUE(verified->sip.call);
  EXPECT_TRUE(verified->agent.admin);
  EXPECT_EQ(verified->room_config_json, claims.room_config_json);
  EXPECT_EQ(verified->room_preset, claims.room_preset);
}

TEST(AccessTokenTest, RefusalsReadAsClientsKnowThem) {
  EXPECT_EQ(RefusalText(TokenRefusal::kMalformed), "invalid authorization token");
  EXPECT_EQ(RefusalText(TokenRefusal::kUnknownKey), "invalid API key");
  EXPECT_THAT(RefusalText(TokenRefusal::kExpired),
              testing::StartsWith("invalid authorization token: "));
}

}  // namespace
}  // namespace sfu::auth
