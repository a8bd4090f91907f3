#include "controller/http/cors.h"

#include <string>

#include <gtest/gtest.h>

namespace sfu::http {
namespace {

std::string Find(const api::HttpResponse& response, std::string_view name) {
  for (const auto& [header, value] : response.headers) {
    if (header == name) {
      return value;
    }
  }
  return "";
}

TEST(CorsTest, APreflightIsAnsweredWithWhatItAsksFor) {
  api::HttpRequest request;
  request.method = "OPTIONS";
  request.headers = {{"Origin", "https://app.example"},
                     {"Access-Control-Request-Method", "POST"},
                     {"Access-Control-Request-Headers", "authorization,content-type"}};
  const auto response = AnswerPreflight(request);
  ASSERT_TRUE(response.has_value());
  EXPECT_EQ(response->status, 204);
  EXPECT_EQ(Find(*response, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(Find(*response, "Access-Control-Allow-Methods"), "POST");
  EXPECT_EQ(Find(*response, "Access-Control-Allow-Headers"), "authorization,content-type");
  EXPECT_EQ(Find(*response, "Access-Control-Max-Age"), "86400");
  EXPECT_EQ(Find(*response, "Access-Control-Allow-Credentials"), "");
}

TEST(CorsTest, APreflightForAnotherMethodGetsNoPermission) {
  api::HttpRequest request;
  request.method = "OPTIONS";
  request.headers = {{"Origin", "https://app.example"}, {"Access-Control-Request-Method", "PUT"}};
  EXPECT_EQ(Find(*AnswerPreflight(request), "Access-Control-Allow-Origin"), "");
}

TEST(CorsTest, OtherRequestsAreNoPreflights) {
  api::HttpRequest request;
  request.method = "OPTIONS";
  EXPECT_FALSE(AnswerPreflight(request).has_value());
  request.method = "GET";
  request.headers = {{"Access-Control-Request-Method", "POST"}};
  EXPECT_FALSE(AnswerPreflight(request).has_value());
}

TEST(CorsTest, Trap02_AnswersNameTheOriginAndValidateNamesAnybody) {
  api::HttpRequest request;
  api::HttpResponse plain;
  AddCorsHeaders(request, Route::kHealth, plain);
  EXPECT_TRUE(plain.headers.empty());

  request.headers = {{"origin", "https://app.example"}};
  AddCorsHeaders(request, Route::kHealth, plain);
  EXPECT_EQ(Find(plain, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(Find(plain, "Access-Control-Expose-Headers"), "*");

  api::HttpResponse validate;
  AddCorsHeaders(api::HttpRequest(), Route::kValidateV1, validate);
  EXPECT_EQ(Find(validate, "Access-Control-Allow-Origin"), "*");
}

}  // namespace
}  // namespace sfu::http
