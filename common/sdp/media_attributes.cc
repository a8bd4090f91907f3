#include "common/sdp/media_attributes.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "common/sdp/attribute_words.h"
#include "common/sdp/sdp_parser.h"
#include "common/sdp/text_fields.h"

namespace sfu::sdp {
namespace {

constexpr uint16_t kMaxExtensionId = 255;
constexpr size_t kMaxFeedback = 32;  // Per payload type; more are skipped. Clients send about five.

PayloadType* FindPayloadType(std::string_view number, MediaSection& section) {
  const std::optional<uint8_t> wanted = ToNumber<uint8_t>(number);
  for (PayloadType& payload_type : section.payload_types) {
    if (payload_type.number == wanted) {
      return &payload_type;
    }
  }
  return nullptr;
}

void ReadRtpmap(std::string_view value, MediaSection& section) {
  PayloadType* const payload_type = FindPayloadType(NextWord(value), section);
  std::string_view encoding = NextWord(value);
  const std::string_view name = NextPart(encoding, '/');
  const std::optional<uint32_t> clock_rate = ToNumber<uint32_t>(NextPart(encoding, '/'));
  if (payload_type == nullptr || name.empty() || !clock_rate) {
    return;
  }
  payload_type->name = name;
  payload_type->clock_rate = *clock_rate;
  payload_type->channels = ToNumber<uint32_t>(encoding).value_or(1);
}

void ReadFmtp(std::string_view value, MediaSection& section) {
  PayloadType* const payload_type = FindPayloadType(NextWord(value), section);
  if (payload_type != nullptr) {
    payload_type->parameters = FormatParameters::Parse(value);
  }
}

void ReadExtmap(std::string_view value, MediaSection& section) {
  std::string_view direction = NextWord(value);
  const std::optional<uint16_t> id = ToNumber<uint16_t>(NextPart(direction, '/'));
  const std::string_view uri = NextWord(value);
  if (!id || *id == 0 || *id > kMaxExtensionId || uri.empty()) {
    return;
  }
  section.extensions.push_back({*id, std::string(uri), ParseDirection(direction)});
}

void ReadSsrc(std::string_view value, MediaSection& section) {
  const std::optional<uint32_t> ssrc = ToNumber<uint32_t>(NextWord(value));
  if (!ssrc) {
    return;
  }
  std::vector<SsrcSource>& sources = section.ssrcs;
  auto source = std::find_if(sources.begin(), sources.end(),
                             [&](const SsrcSource& known) { return known.ssrc == *ssrc; });
  if (source == sources.end()) {
    sources.push_back({*ssrc, "", std::nullopt});
    source = sources.end() - 1;
  }
  const std::string_view name = NextPart(value, ':');
  if (name == "cname") {
    source->cname = Trim(value);
  } else if (name == "msid" && !Trim(value).empty()) {
    source->msid = ParseMsid(value);
  }
}

void ReadSsrcGroup(std::string_view value, MediaSection& section) {
  SsrcGroup group;
  group.semantics = NextWord(value);
  while (!value.empty() && group.ssrcs.size() < kMaxItemsPerSection) {
    const std::optional<uint32_t> ssrc = ToNumber<uint32_t>(NextWord(value));
    if (!ssrc) {
      return;
    }
    group.ssrcs.push_back(*ssrc);
  }
  if (!group.ssrcs.empty()) {
    section.ssrc_groups.push_back(std::move(group));
  }
}

void ReadRid(std::string_view value, MediaSection& section) {
  Rid rid;
  rid.id = NextWord(value);
  const std::string_view direction = NextWord(value);
  rid.restrictions = value;
  if (rid.id.empty() || (direction != "send" && direction != "recv")) {
    return;
  }
  rid.send = direction == "send";
  section.rids.push_back(std::move(rid));
}

std::vector<SimulcastStream> ParseSimulcastStreams(std::string_view list) {
  while (list.substr(0, 4) == "rid=") {  // The draft's form, of old Firefox versions.
    list.remove_prefix(4);
  }
  std::vector<SimulcastStream> streams;
  while (!list.empty() && streams.size() < kMaxItemsPerSection) {
    std::string_view alternatives = NextPart(list, ';');
    std::string_view rid = NextPart(alternatives, ',');
    const bool paused = rid.substr(0, 1) == "~";
    if (paused) {
      rid.remove_prefix(1);
    }
    if (!rid.empty()) {
      streams.push_back({std::string(rid), paused});
    }
  }
  return streams;
}

void ReadSimulcast(std::string_view value, MediaSection& section) {
  Simulcast simulcast;
  while (!value.empty()) {
    const std::string_view direction = NextWord(value);
    std::vector<SimulcastStream> streams = ParseSimulcastStreams(NextWord(value));
    if (direction == "send") {
      simulcast.send = std::move(streams);
    } else if (direction == "recv") {
      simulcast.recv = std::move(streams);
    }
  }
  if (!simulcast.send.empty() || !simulcast.recv.empty()) {
    section.simulcast = std::move(simulcast);
  }
}

}  // namespace

Msid ParseMsid(std::string_view value) {
  Msid msid;
  msid.stream = NextWord(value);
  msid.track = NextWord(value);
  return msid;
}

void MediaAttributes::Read(std::string_view name, std::string_view value, MediaSection& section) {
  if (name == "rtpmap") {
    ReadRtpmap(value, section);
  } else if (name == "fmtp") {
    ReadFmtp(value, section);
  } else if (name == "rtcp-fb") {
    ReadFeedback(value, section);
  } else if (name == "extmap") {
    ReadExtmap(value, section);
  } else if (name == "msid") {
    if (!value.empty()) {
      section.msids.push_back(ParseMsid(value));
    }
  } else if (name == "ssrc") {
    ReadSsrc(value, section);
  } else if (name == "ssrc-group") {
    ReadSsrcGroup(value, section);
  } else if (name == "rid") {
    ReadRid(value, section);
  } else if (name == "simulcast") {
    ReadSimulcast(value, section);
  }
}

void MediaAttributes::ReadFeedback(std::string_view value, MediaSection& section) {
  const std::string_view number = NextWord(value);
  if (value.empty()) {
    return;
  }
  if (number == "*") {
    if (wildcard_feedback_.size() < kMaxFeedback) {
      wildcard_feedback_.emplace_back(value);
    }
    return;
  }
  PayloadType* const payload_type = FindPayloadType(number, section);
  if (payload_type != nullptr && payload_type->feedback.size() < kMaxFeedback) {
    payload_type->feedback.emplace_back(value);
  }
}

void MediaAttributes::Finish(MediaSection& section) const {
  for (PayloadType& payload_type : section.payload_types) {
    if (EqualsIgnoreCase(payload_type.name, "rtx")) {
      continue;
    }
    std::vector<std::string>& known = payload_type.feedback;
    for (const std::string& feedback : wildcard_feedback_) {
      if (known.size() < kMaxFeedback &&
          std::find(known.begin(), known.end(), feedback) == known.end()) {
        known.push_back(feedback);
      }
    }
  }
}

}  // namespace sfu::sdp
