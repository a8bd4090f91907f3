#include "common/log/log.h"

#include <memory>

#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

namespace sfu::log {
namespace {

struct State {
  std::shared_ptr<spdlog::logger> logger = spdlog::stderr_color_mt("livekit");
  bool json = false;
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum ToSpdlog(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
  }
  return spdlog::level::err;
}

// Escapes what RFC 8259 §7 requires; values are UTF-8 or at least harmless bytes.
void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
    } else {
      out += c;
    }
  }
  out += '"';
}

std::string RenderJsonFields(std::string_view event, std::initializer_list<Field> fields) {
  std::string line = "\"msg\":";
  AppendJsonString(line, event);
  for (const Field& field : fields) {
    line += ',';
    AppendJsonString(line, field.key());
    line += ':';
    AppendJsonString(line, field.value());
  }
  return line;
}

std::string RenderConsole(std::string_view event, std::initializer_list<Field> fields) {
  std::string line(event);
  for (const Field& field : fields) {
    line += fmt::format(" {}=", field.key());
    if (field.value().find_first_of(" \"\n\t") == std::string::npos && !field.value().empty()) {
      line += field.value();
    } else {
      AppendJsonString(line, field.value());
    }
  }
  return line;
}

}  // namespace

Level ParseLevel(std::string_view name) {
  if (name == "debug") {
    return Level::kDebug;
  }
  if (name == "warn") {
    return Level::kWarning;
  }
  return name == "error" ? Level::kError : Level::kInfo;
}

void Configure(const Options& options) {
  state().json = options.json;
  state().logger->set_level(ToSpdlog(options.level));
  state().logger->set_pattern(
      options.json ? R"({"level":"%l","ts":"%Y-%m-%dT%H:%M:%S.%e%z","logger":"%n",%v})"
                   : "%Y-%m-%dT%H:%M:%S.%e\t%^%l%$\t%n\t%v");
}

bool Enabled(Level level) { return state().logger->should_log(ToSpdlog(level)); }

void Write(Level level, std::string_view event, std::initializer_list<Field> fields) {
  if (!Enabled(level)) {
    return;
  }
  state().logger->log(
      ToSpdlog(level), "{}",
      state().json ? RenderJsonFields(event, fields) : RenderConsole(event, fields));
}

}  // namespace sfu::log
