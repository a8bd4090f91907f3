#include "common/config/option_values.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <absl/strings/numbers.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "common/net/ip_network.h"
#include "common/net/socket_address.h"

namespace sfu::config {
namespace {

using Kind = YamlNode::Kind;

std::optional<uint64_t> ParseUnsigned(const YamlNode& value, uint64_t max) {
  std::string_view text = value.text;
  int base = 10;
  if (text.starts_with("0x")) {
    text.remove_prefix(2);
    base = 16;
  }
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (value.kind != Kind::kScalar || error != std::errc() || end != text.data() + text.size() ||
      number > max) {
    return std::nullopt;
  }
  return number;
}

std::optional<std::vector<std::string>> Texts(const YamlNode& value) {
  if (value.kind != Kind::kList) {
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : value.items) {
    if (item.kind != Kind::kScalar) {
      return std::nullopt;
    }
    texts.push_back(item.text);
  }
  return texts;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') {
    text.remove_prefix(1);
  }
  while (!text.empty() && text.back() == ' ') {
    text.remove_suffix(1);
  }
  return text;
}

template <typename Predicate>
Option::Setter SetCheckedTexts(std::vector<std::string>& target, std::string accepted,
                               Predicate valid) {
  return [&target, accepted = std::move(accepted),
          valid](const YamlNode& value) -> std::optional<std::string> {
    std::optional<std::vector<std::string>> texts = Texts(value);
    if (!texts || !std::all_of(texts->begin(), texts->end(), valid)) {
      return accepted;
    }
    target = *std::move(texts);
    return std::nullopt;
  };
}

}  // namespace

Option::Setter SetBool(bool& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    std::string text = value.text;
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (text == "true" || text == "yes" || text == "on" || text == "1") {
      target = true;
    } else if (text == "false" || text == "no" || text == "off" || text == "0") {
      target = false;
    } else {
      return "true or false";
    }
    return std::nullopt;
  };
}

Option::Setter SetPort(uint16_t& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::optional<uint64_t> number = ParseUnsigned(value, UINT16_MAX);
    if (!number) {
      return "a port from 0 to 65535";
    }
    target = static_cast<uint16_t>(*number);
    return std::nullopt;
  };
}

Option::Setter SetUnsigned(uint32_t& target, uint32_t max) {
  return [&target, max](const YamlNode& value) -> std::optional<std::string> {
    const std::optional<uint64_t> number = ParseUnsigned(value, max);
    if (!number) {
      return fmt::format("a whole number from 0 to {}", max);
    }
    target = static_cast<uint32_t>(*number);
    return std::nullopt;
  };
}

Option::Setter SetUnsigned64(uint64_t& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::optional<uint64_t> number = ParseUnsigned(value, UINT64_MAX);
    if (!number) {
      return "a whole number, 0 or more";
    }
    target = *number;
    return std::nullopt;
  };
}

Option::Setter SetNumber(double& target, double min, double max, std::string accepted) {
  return [&target, min, max,
          accepted = std::move(accepted)](const YamlNode& value) -> std::optional<std::string> {
    double number = 0;
    const char* const last = value.text.data() + value.text.size();
    const auto [end, error] = std::from_chars(value.text.data(), last, number);
    if (value.kind != Kind::kScalar || error != std::errc() || end != last ||
        !(number >= min && number <= max)) {
      return accepted;
    }
    target = number;
    return std::nullopt;
  };
}

Option::Setter SetSeconds(absl::Duration& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::optional<uint64_t> number = ParseUnsigned(value, UINT32_MAX);
    if (!number) {
      return "a number of seconds";
    }
    target = absl::Seconds(*number);
    return std::nullopt;
  };
}

Option::Setter SetDuration(absl::Duration& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    absl::Duration parsed;
    if (value.kind != Kind::kScalar || !absl::ParseDuration(value.text, &parsed) ||
        parsed < absl::ZeroDuration() || parsed == absl::InfiniteDuration()) {
      return "a duration such as 500ms, 2s or 1m30s";
    }
    target = parsed;
    return std::nullopt;
  };
}

Option::Setter SetText(std::string& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    if (value.kind != Kind::kScalar) {
      return "a text";
    }
    target = value.text;
    return std::nullopt;
  };
}

Option::Setter SetOneOf(std::string& target, std::vector<std::string> choices) {
  return
      [&target, choices = std::move(choices)](const YamlNode& value) -> std::optional<std::string> {
        if (std::find(choices.begin(), choices.end(), value.text) == choices.end()) {
          return fmt::format("one of {}", fmt::join(choices, ", "));
        }
        target = value.text;
        return std::nullopt;
      };
}

Option::Setter SetTexts(std::vector<std::string>& target) {
  return SetCheckedTexts(target, "a list of texts", [](const std::string&) { return true; });
}

Option::Setter SetTextMap(std::map<std::string, std::string, std::less<>>& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    std::map<std::string, std::string, std::less<>> texts;
    for (const auto& [name, field] : value.fields) {
      if (field.kind != Kind::kScalar) {
        return "a section of \"name: text\" lines";
      }
      texts[name] = field.text;
    }
    if (value.kind != Kind::kMap) {
      return "a section of \"name: text\" lines";
    }
    target = std::move(texts);
    return std::nullopt;
  };
}

Option::Setter SetPortRange(PortRange& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::string accepted = "a port such as 7882 or a range such as 7882-7892";
    const size_t dash = value.text.find('-');
    const YamlNode first = YamlNode::Scalar(Trimmed(std::string_view(value.text).substr(0, dash)));
    const YamlNode last =
        dash == std::string::npos
            ? first
            : YamlNode::Scalar(Trimmed(std::string_view(value.text).substr(dash + 1)));
    const std::optional<uint64_t> from = ParseUnsigned(first, UINT16_MAX);
    const std::optional<uint64_t> to = ParseUnsigned(last, UINT16_MAX);
    if (value.kind != Kind::kScalar || !from || !to || *to < *from) {
      return accepted;
    }
    target = PortRange{.first = static_cast<uint16_t>(*from), .last = static_cast<uint16_t>(*to)};
    return std::nullopt;
  };
}

Option::Setter SetNodeIp(NodeIp& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::string accepted =
        "an IP address (192.0.2.1 or 2001:db8::1), or one of each kind with a comma between";
    NodeIp ip;
    std::string_view rest = value.text;
    while (!rest.empty()) {
      const size_t comma = rest.find(',');
      const std::string_view part = Trimmed(rest.substr(0, comma));
      rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
      const std::optional<SocketAddress> address = SocketAddress::Parse(part, 0);
      if (!address) {
        return accepted;
      }
      std::string& slot = address->is_v4() ? ip.v4 : ip.v6;
      if (!slot.empty()) {
        return accepted;
      }
      slot = std::string(part);
    }
    if (value.kind != Kind::kScalar) {
      return accepted;
    }
    target = ip;
    return std::nullopt;
  };
}

Option::Setter SetIps(std::vector<std::string>& target) {
  return SetCheckedTexts(target, "a list of IP addresses", [](const std::string& text) {
    return SocketAddress::Parse(text, 0).has_value();
  });
}

Option::Setter SetCidrs(std::vector<std::string>& target) {
  return SetCheckedTexts(
      target, "a list of networks such as 10.0.0.0/8",
      [](const std::string& text) { return IpNetwork::Parse(text).has_value(); });
}

Option::Setter SetCodecs(std::vector<Codec>& target) {
  return [&target](const YamlNode& value) -> std::optional<std::string> {
    const std::string accepted = "a list of entries such as \"mime: video/VP8\"";
    if (value.kind != Kind::kList) {
      return accepted;
    }
    std::vector<Codec> codecs;
    for (const YamlNode& item : value.items) {
      Codec codec;
      for (const auto& [name, field] : item.fields) {
        if (name == "mime") {
          codec.mime = field.text;
        } else if (name == "fmtp_line") {
          codec.fmtp_line = field.text;
        } else {
          return accepted;
        }
      }
      if (!codec.mime.starts_with("audio/") && !codec.mime.starts_with("video/")) {
        return accepted;
      }
      codecs.push_back(std::move(codec));
    }
    target = std::move(codecs);
    return std::nullopt;
  };
}

Option::Setter CheckBool() {
  return [](const YamlNode& value) {
    bool ignored = false;
    return SetBool(ignored)(value);
  };
}

Option::Setter CheckNumber() {
  return [](const YamlNode& value) -> std::optional<std::string> {
    double ignored = 0;
    if (value.kind != Kind::kScalar || !absl::SimpleAtod(value.text, &ignored)) {
      return "a number";
    }
    return std::nullopt;
  };
}

Option::Setter CheckDuration() {
  return [](const YamlNode& value) {
    absl::Duration ignored;
    return SetDuration(ignored)(value);
  };
}

Option::Setter CheckText() {
  return [](const YamlNode& value) {
    std::string ignored;
    return SetText(ignored)(value);
  };
}

}  // namespace sfu::config
