#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace sfu::log {

enum class Level { kDebug, kInfo, kWarning, kError };

// One key and its rendered value. Any type with a fmt formatter will do, which leaves out bare
// addresses, tokens and keys: those have none.
class Field {
 public:
  template <typename T>
  Field(std::string_view key, const T& value) : key_(key), value_(fmt::format("{}", value)) {}

  std::string_view key() const { return key_; }
  const std::string& value() const { return value_; }

 private:
  std::string_view key_;
  std::string value_;
};

// "debug", "info", "warn" or "error", as the configuration has it; anything else is kInfo.
Level ParseLevel(std::string_view name);

struct Options {
  Level level = Level::kInfo;
  bool json = false;  // JSON lines instead of the console form.
};

// Call once, before other threads exist. Lines go to standard error.
void Configure(const Options& options);

// False when `level` is filtered out. Hot paths ask before building fields.
bool Enabled(Level level);

// Writes one line. `event` is a constant dotted name, stable enough to alert on. Thread-safe.
void Write(Level level, std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace sfu::log
