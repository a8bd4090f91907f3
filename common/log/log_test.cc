#include "common/log/log.h"

#include <limits>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "common/log/redact.h"

namespace sfu::log {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

class LogTest : public ::testing::Test {
 protected:
  ~LogTest() override { Configure({}); }

  template <typename Action>
  static std::string Captured(Action action) {
    ::testing::internal::CaptureStderr();
    action();
    return ::testing::internal::GetCapturedStderr();
  }
};

TEST_F(LogTest, JsonLinesHaveLevelTimeEventAndTypedFields) {
  Configure({.level = Level::kDebug, .json = true});
  EXPECT_THAT(Captured([] {
                Write(Level::kWarning, "link.lost",
                      {{"attempts", 3}, {"final", false}, {"load", 0.5}, {"why", "gone"}});
              }),
              MatchesRegex("\\{\"level\":\"warn\",\"ts\":\"[0-9T:.-]+[+-][0-9:]+\","
                           "\"logger\":\"livekit\",\"msg\":\"link.lost\",\"attempts\":3,"
                           "\"final\":false,\"load\":\"0.5\",\"why\":\"gone\"\\}\n"));
  EXPECT_THAT(Captured([] { Write(Level::kError, "e"); }), StartsWith("{\"level\":\"error\""));
  EXPECT_THAT(Captured([] { Write(Level::kInfo, "e"); }), StartsWith("{\"level\":\"info\""));
  EXPECT_THAT(Captured([] { Write(Level::kDebug, "e"); }), StartsWith("{\"level\":\"debug\""));
}

TEST_F(LogTest, JsonSurvivesAnyBytes) {
  Configure({.json = true});
  EXPECT_THAT(
      Captured([] { Write(Level::kInfo, "e", {{"a", Public("\"\\\n\x1b\xff\xc3\xa9\xe2\x82")}}); }),
      HasSubstr("\"a\":\"\\\"\\\\\\u000a\\u001b\\ufffd\xc3\xa9\\ufffd\\ufffd\"}\n"));
}

TEST_F(LogTest, TheConsoleFormIsOneLineThatNoValueCanFake) {
  Configure({});
  const std::string line = Captured([] {
    Write(Level::kInfo, "worker.attached",
          {{"name", Public("a\nb\x1b[2J c=d")}, {"word", Public("x:1")}, {"empty", ""}});
  });
  EXPECT_THAT(line, HasSubstr("\tinfo\tlivekit\tworker.attached name=\"a\\u000ab\\u001b[2J c=d\" "
                              "word=x:1 empty=\"\""));
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
}

TEST_F(LogTest, WritesNothingBelowItsLevel) {
  Configure({.level = ParseLevel("warn")});
  EXPECT_THAT(Captured([] { Write(Level::kInfo, "quiet"); }), IsEmpty());
  EXPECT_FALSE(Enabled(Level::kInfo));
  EXPECT_THAT(Captured([] { Write(Level::kError, "loud"); }), EndsWith("loud\n"));
}

TEST_F(LogTest, RedactedFieldsCarryATag) {
  Configure({.json = true});
  const std::string line =
      Captured([] { Write(Level::kInfo, "e", {{"room", Redacted("Board meeting")}}); });
  EXPECT_THAT(line, MatchesRegex(".*\"room\":\"#[0-9a-f]+\"\\}\n"));
}

}  // namespace
}  // namespace sfu::log
