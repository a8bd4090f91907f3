#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include <fmt/format.h>

// What the process says about itself: one line per event, on standard error, each a constant dotted
// name and fields. Privacy is a matter of types: a field takes numbers, literals, and of everything
// that is only known at run time what has been called Public or Redacted. A bare string or
// SocketAddress does not compile, so an identity or an address needs a lie to get into a line.
namespace sfu::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// A string literal, or a constant. Text assembled at run time cannot become one.
class Literal {
 public:
  template <size_t size>
  consteval Literal(const char (&text)[size])  // NOLINT(google-explicit-constructor)
      : text_(text, size - 1) {}
  consteval explicit Literal(std::string_view text) : text_(text) {}

  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

// Text that says nothing about a person and opens nothing: ids that we drew ourselves (of nodes,
// rooms, participants, tracks), addresses of our own servers, values of our configuration other
// than keys, words of the operating system or of a library about its own state. Never what a client
// sent us, nor what stands in a token.
class Public {
 public:
  explicit Public(std::string_view text) : text_(text) {}
  std::string_view text() const { return text_; }

 private:
  std::string_view text_;  // Outlives the call to Write().
};

// True for the types a field may be made of. Specialised next to such a type, with a formatter.
template <typename T>
inline constexpr bool kLoggable = std::is_arithmetic_v<T>;
template <>
inline constexpr bool kLoggable<Public> = true;

// One key and its rendered value.
class Field {
 public:
  template <typename T>
    requires kLoggable<T>
  Field(Literal key, const T& value)
      : key_(key.text()), value_(fmt::format("{}", value)), is_bare_(std::is_integral_v<T>) {}
  Field(Literal key, Literal value) : key_(key.text()), value_(value.text()), is_bare_(false) {}

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }
  // A whole number or a truth value, which JSON writes without quotes.
  bool is_bare() const { return is_bare_; }

 private:
  std::string_view key_;
  std::string value_;
  bool is_bare_;
};

// "debug", "info", "warn" or "error", as the configuration has it; anything else is kInfo.
Level ParseLevel(std::string_view name);

struct Options {
  Level level = Level::kInfo;
  bool json = false;  // JSON lines instead of the console form.
};

// Call once, before other threads exist.
void Configure(const Options& options);

// False when `level` is filtered out. Hot paths ask before building fields.
bool Enabled(Level level);

// Writes one line. `event` is stable enough to alert on. Thread-safe.
void Write(Level level, Literal event, std::initializer_list<Field> fields = {});

}  // namespace sfu::log

template <>
struct fmt::formatter<sfu::log::Public> : fmt::formatter<fmt::string_view> {
  auto format(const sfu::log::Public& value, fmt::format_context& context) const {
    return fmt::formatter<fmt::string_view>::format(value.text(), context);
  }
};
