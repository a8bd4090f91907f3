#include "common/log/redact.h"

#include <set>
#include <string>

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(RedactTest, PrintsAStableTagAndNoPartOfTheAddress) {
  const SocketAddress address = *SocketAddress::Parse("203.0.113.77", 4242);
  const std::string text = fmt::format("{}", Redacted(address));
  EXPECT_EQ(text, fmt::format("{}", Redacted(address.WithPort(1))));
  EXPECT_EQ(text.substr(0, 3), "v4#");
  EXPECT_EQ(text.size(), 7u);
  EXPECT_EQ(fmt::format("{}", Redacted(*SocketAddress::Parse("2001:db8::7", 1))).substr(0, 3),
            "v6#");
}

TEST(RedactTest, TellsNamesApartWithoutPrintingThem) {
  EXPECT_EQ(fmt::format("{}", Redacted("alice")), fmt::format("{}", Redacted("alice")));
  EXPECT_EQ(fmt::format("{}", Redacted("alice")).size(), 7u);
  std::set<std::string> tags;
  for (int i = 0; i < 100; ++i) {
    tags.insert(fmt::format("{}", Redacted(std::to_string(i))));
  }
  EXPECT_GE(tags.size(), 99u);  // 24 bits: two of a hundred meet once in 3,000 runs.
}

}  // namespace
}  // namespace sfu
