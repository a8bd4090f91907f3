#include "common/log/redact.h"

#include <gtest/gtest.h>

namespace sfu {
namespace {

TEST(RedactTest, PrintsAStableTagAndNoPartOfTheAddress) {
  const SocketAddress address = *SocketAddress::Parse("203.0.113.77", 4242);
  const std::string text = fmt::format("{}", Redacted(address));
  EXPECT_EQ(text, fmt::format("{}", Redacted(address.WithPort(1))));
  EXPECT_EQ(text.substr(0, 3), "v4#");
  EXPECT_EQ(text.size(), 7u);
}

}  // namespace
}  // namespace sfu
