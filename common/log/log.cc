#include "common/log/log.h"

#include <algorithm>
#include <memory>

#include <spdlog/pattern_formatter.h>
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

// How long the UTF-8 sequence at the start of `text` is (RFC 3629 §4, less its rarest cases: a
// reader that minds overlong forms replaces them itself); 0 if there is none.
size_t SequenceLength(std::string_view text) {
  const auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t length = byte(0) < 0x80   ? 1
                        : byte(0) < 0xc2 ? 0
                        : byte(0) < 0xe0 ? 2
                        : byte(0) < 0xf0 ? 3
                        : byte(0) < 0xf5 ? 4
                                         : 0;
  if (length > text.size()) {
    return 0;
  }
  for (size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) {
      return 0;
    }
  }
  return length;
}

// A JSON string (RFC 8259 §7) whatever the bytes are: what is not UTF-8 becomes U+FFFD.
void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t length = SequenceLength(text);
    const auto first = static_cast<unsigned char>(text.front());
    if (length == 0) {
      out += "\\ufffd";
    } else if (first < 0x20 || first == 0x7f) {
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", first);
    } else {
      if (first == '"' || first == '\\') {
        out += '\\';
      }
      out += text.substr(0, length);
    }
    text.remove_prefix(length == 0 ? 1 : length);
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
    if (field.is_bare()) {
      line += field.value();
    } else {
      AppendJsonString(line, field.value());
    }
  }
  return line;
}

// Words stand as they are. Anything else is quoted, so that no value can fake a field, a line or a
// command to the terminal.
bool IsWord(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != '"' && c != '\\';
  });
}

std::string RenderConsole(std::string_view event, std::initializer_list<Field> fields) {
  std::string line(event);
  for (const Field& field : fields) {
    line += ' ';
    line += field.key();
    line += '=';
    if (IsWord(field.value())) {
      line += field.value();
    } else {
      AppendJsonString(line, field.value());
    }
  }
  return line;
}

// The level by the name that configuration and collectors know ("warn", not "warning").
class LevelName : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
              spdlog::memory_buf_t& out) override {
    const std::string_view name = message.level == spdlog::level::warn ? "warn"
                                  : message.level == spdlog::level::err
                                      ? "error"
                                      : ToView(spdlog::level::to_string_view(message.level));
    out.append(name.data(), name.data() + name.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<LevelName>();
  }

 private:
  static std::string_view ToView(spdlog::string_view_t text) { return {text.data(), text.size()}; }
};

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
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<LevelName>('*').set_pattern(
      options.json ? R"({"level":"%*","ts":"%Y-%m-%dT%H:%M:%S.%e%z","logger":"%n",%v})"
                   : "%Y-%m-%dT%H:%M:%S.%e%z\t%^%*%$\t%n\t%v");
  state().logger->set_formatter(std::move(formatter));
  // By default spdlog reports a failed write to the very stream that failed.
  state().logger->set_error_handler([](const std::string&) {});
}

bool Enabled(Level level) { return state().logger->should_log(ToSpdlog(level)); }

void Write(Level level, Literal event, std::initializer_list<Field> fields) {
  if (!Enabled(level)) {
    return;
  }
  state().logger->log(
      ToSpdlog(level), "{}",
      state().json ? RenderJsonFields(event.text(), fields) : RenderConsole(event.text(), fields));
}

}  // namespace sfu::log
