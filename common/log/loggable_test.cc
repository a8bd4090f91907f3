// What a log line may be made of is decided by the compiler; so is this test.
#include <string>
#include <string_view>
#include <type_traits>

#include <gtest/gtest.h>

#include "common/log/log.h"
#include "common/log/redact.h"

namespace sfu::log {
namespace {

template <typename T>
constexpr bool kFits = std::is_constructible_v<Field, Literal, T>;

static_assert(kFits<int>);
static_assert(kFits<uint16_t>);
static_assert(kFits<double>);
static_assert(kFits<bool>);
static_assert(kFits<Literal>);
static_assert(kFits<Public>);
static_assert(kFits<Redacted>);

// Identities, names, rooms, tokens, keys and secrets are strings until somebody says what they are.
static_assert(!kFits<std::string>);
static_assert(!kFits<const std::string&>);
static_assert(!kFits<std::string_view>);
static_assert(!kFits<const char*>);
static_assert(!kFits<char*>);
static_assert(!kFits<SocketAddress>);
static_assert(!kFits<SocketAddress&>);

// Nothing becomes harmless or constant by itself, and an event's name or a key is never data.
static_assert(!std::is_convertible_v<std::string, Public>);
static_assert(!std::is_convertible_v<std::string_view, Public>);
static_assert(!std::is_convertible_v<std::string, Literal>);
static_assert(!std::is_convertible_v<std::string, Redacted>);
static_assert(!std::is_convertible_v<SocketAddress, Redacted>);
static_assert(!std::is_constructible_v<Public, SocketAddress>);
static_assert(!std::is_constructible_v<Field, std::string, int>);
static_assert(
    !std::is_invocable_v<decltype(&Write), Level, std::string, std::initializer_list<Field>>);

// Nor can it be formatted into a string first.
static_assert(!fmt::is_formattable<SocketAddress>::value);

TEST(LoggableTest, CompilesOnlyWithoutPersonalFields) {
  EXPECT_TRUE(kLoggable<Redacted>);
  EXPECT_FALSE(kLoggable<SocketAddress>);
}

}  // namespace
}  // namespace sfu::log
