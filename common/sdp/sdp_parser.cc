#include "common/sdp/sdp_parser.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "common/sdp/text_fields.h"

namespace sfu::sdp {
namespace {

constexpr uint8_t kMaxPayloadType = 127;
constexpr uint16_t kMaxExtensionId = 255;
constexpr size_t kMaxFeedback = 32;  // Per payload type; more are skipped. Clients send about five.

std::optional<Direction> ParseDirection(std::string_view name) {
  if (name == "sendrecv") {
    return Direction::kSendRecv;
  }
  if (name == "sendonly") {
    return Direction::kSendOnly;
  }
  if (name == "recvonly") {
    return Direction::kRecvOnly;
  }
  if (name == "inactive") {
    return Direction::kInactive;
  }
  return std::nullopt;
}

std::optional<Setup> ParseSetup(std::string_view value) {
  if (value == "actpass") {
    return Setup::kActPass;
  }
  if (value == "active") {
    return Setup::kActive;
  }
  if (value == "passive") {
    return Setup::kPassive;
  }
  if (value == "holdconn") {
    return Setup::kHoldConn;
  }
  return std::nullopt;
}

MediaKind KindOf(std::string_view media, std::string_view protocol) {
  if (media == "audio") {
    return MediaKind::kAudio;
  }
  if (media == "video") {
    return MediaKind::kVideo;
  }
  if (media == "application" && protocol.find("SCTP") != std::string_view::npos) {
    return MediaKind::kApplication;
  }
  return MediaKind::kOther;
}

// The only payload types of ours that may do without an rtpmap (RFC 3551 section 6).
void FillStaticPayloadType(PayloadType& payload_type) {
  if (payload_type.number == 0 || payload_type.number == 8) {
    payload_type.name = payload_type.number == 0 ? "PCMU" : "PCMA";
    payload_type.clock_rate = 8000;
  }
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

Msid ParseMsid(std::string_view value) {
  Msid msid;
  msid.stream = NextWord(value);
  msid.track = NextWord(value);
  return msid;
}

// One pass over the lines, with the section under construction last in `result_.sections`.
class Parser {
 public:
  absl::StatusOr<SessionDescription> Parse(std::string_view text);

 private:
  absl::Status HandleLine(std::string_view line);
  absl::Status HandleMediaLine(std::string_view value);
  absl::Status ParsePayloadTypes(std::string_view numbers, MediaSection& section) const;
  void HandleOrigin(std::string_view value);
  absl::Status HandleAttribute(std::string_view attribute);
  bool HandleTransportAttribute(std::string_view name, std::string_view value);
  void HandleSessionAttribute(std::string_view name, std::string_view value);
  absl::Status HandleSectionAttribute(std::string_view name, std::string_view value);
  absl::Status HandleMediaAttribute(std::string_view name, std::string_view value);
  void HandleRtpmap(std::string_view value);
  void HandleFmtp(std::string_view value);
  void HandleFeedback(std::string_view value);
  void HandleExtmap(std::string_view value);
  void HandleSsrc(std::string_view value);
  void HandleSsrcGroup(std::string_view value);
  void HandleRid(std::string_view value);
  void HandleSimulcast(std::string_view value);
  absl::Status FinishSection();

  MediaSection& section() { return result_.sections.back(); }
  TransportAttributes& transport() {
    return result_.sections.empty() ? result_.transport : section().transport;
  }
  PayloadType* FindPayloadType(std::string_view number);
  absl::Status CheckBounds();
  absl::Status Error(const char* reason) const {
    return absl::InvalidArgumentError(absl::StrCat("SDP line ", line_number_, ": ", reason));
  }

  SessionDescription result_;
  size_t line_number_ = 0;
  bool version_seen_ = false;
  std::optional<Direction> session_direction_;
  std::optional<Direction> section_direction_;
  std::vector<std::string> wildcard_feedback_;
  std::set<std::string> mids_;
};

absl::StatusOr<SessionDescription> Parser::Parse(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError("SDP text too long");
  }
  while (!text.empty()) {
    std::string_view line = NextPart(text, '\n');
    ++line_number_;
    while (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    if (line.empty()) {
      continue;
    }
    if (absl::Status status = HandleLine(line); !status.ok()) {
      return status;
    }
  }
  if (!version_seen_) {
    return Error("no version");
  }
  if (absl::Status status = FinishSection(); !status.ok()) {
    return status;
  }
  return std::move(result_);
}

absl::Status Parser::HandleLine(std::string_view line) {
  const bool clean = std::none_of(line.begin(), line.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte < 0x20 && c != '\t') || byte == 0x7f;
  });
  if (!clean) {
    return Error("control character");
  }
  if (line.size() < 2 || line[1] != '=') {
    return Error("not of the form x=");
  }
  const std::string_view value = line.substr(2);
  if (!version_seen_) {
    if (line[0] != 'v' || Trim(value) != "0") {
      return Error("version 0 expected");
    }
    version_seen_ = true;
    return absl::OkStatus();
  }
  switch (line[0]) {
    case 'o':
      HandleOrigin(value);
      return absl::OkStatus();
    case 'm':
      return HandleMediaLine(value);
    case 'a':
      return HandleAttribute(value);
    default:
      return absl::OkStatus();
  }
}

void Parser::HandleOrigin(std::string_view value) {
  const std::string_view username = NextWord(value);
  if (!username.empty()) {
    result_.origin_username = username;
  }
  result_.session_id = ToNumber<uint64_t>(NextWord(value)).value_or(0);
  result_.session_version = ToNumber<uint64_t>(NextWord(value)).value_or(0);
}

absl::Status Parser::HandleMediaLine(std::string_view value) {
  if (absl::Status status = FinishSection(); !status.ok()) {
    return status;
  }
  if (result_.sections.size() == kMaxSections) {
    return Error("too many sections");
  }
  const std::string_view media = NextWord(value);
  std::string_view ports = NextWord(value);
  const std::optional<uint16_t> port = ToNumber<uint16_t>(NextPart(ports, '/'));
  const std::string_view protocol = NextWord(value);
  if (media.empty() || !port || protocol.empty() || value.empty()) {
    return Error("malformed m= line");
  }
  MediaSection section;
  section.kind = KindOf(media, protocol);
  section.port = *port;
  section.protocol = protocol;
  if (section.is_media()) {
    if (absl::Status status = ParsePayloadTypes(value, section); !status.ok()) {
      return status;
    }
  } else {
    if (section.kind == MediaKind::kOther) {
      section.media = media;
    }
    while (!value.empty() && section.formats.size() <= kMaxItemsPerSection) {
      section.formats.emplace_back(NextWord(value));
    }
  }
  result_.sections.push_back(std::move(section));
  return CheckBounds();
}

absl::Status Parser::ParsePayloadTypes(std::string_view numbers, MediaSection& section) const {
  while (!numbers.empty()) {
    const std::optional<uint8_t> number = ToNumber<uint8_t>(NextWord(numbers));
    if (!number || *number > kMaxPayloadType) {
      return Error("malformed payload type");
    }
    const bool known = std::any_of(
        section.payload_types.begin(), section.payload_types.end(),
        [&](const PayloadType& payload_type) { return payload_type.number == *number; });
    if (known) {
      continue;
    }
    PayloadType payload_type;
    payload_type.number = *number;
    FillStaticPayloadType(payload_type);
    section.payload_types.push_back(std::move(payload_type));
  }
  return absl::OkStatus();
}

// What can only be known at the end of a section: wildcards, defaults, uniqueness.
absl::Status Parser::FinishSection() {
  if (result_.sections.empty()) {
    return absl::OkStatus();
  }
  MediaSection& done = section();
  done.direction = section_direction_.value_or(session_direction_.value_or(Direction::kSendRecv));
  for (PayloadType& payload_type : done.payload_types) {
    if (EqualsIgnoreCase(payload_type.name, "rtx")) {
      continue;
    }
    for (const std::string& feedback : wildcard_feedback_) {
      if (payload_type.feedback.size() < kMaxFeedback &&
          std::find(payload_type.feedback.begin(), payload_type.feedback.end(), feedback) ==
              payload_type.feedback.end()) {
        payload_type.feedback.push_back(feedback);
      }
    }
  }
  section_direction_.reset();
  wildcard_feedback_.clear();
  if (!done.mid.empty() && !mids_.insert(done.mid).second) {
    return Error("section with the mid of another");
  }
  return absl::OkStatus();
}

absl::Status Parser::CheckBounds() {
  if (result_.sections.empty()) {
    const bool exceeded = result_.transport.fingerprints.size() > kMaxItemsPerSection ||
                          result_.bundle_groups.size() > kMaxItemsPerSection;
    return exceeded ? Error("too many attributes") : absl::OkStatus();
  }
  const MediaSection& s = section();
  const size_t most = std::max({s.transport.fingerprints.size(), s.extensions.size(),
                                s.msids.size(), s.ssrcs.size(), s.ssrc_groups.size(), s.rids.size(),
                                s.formats.size(), s.candidates.size()});
  return most > kMaxItemsPerSection ? Error("too many attributes of a kind") : absl::OkStatus();
}

absl::Status Parser::HandleAttribute(std::string_view attribute) {
  const std::string_view name = NextPart(attribute, ':');
  const std::string_view value = Trim(attribute);
  if (HandleTransportAttribute(name, value)) {
    return CheckBounds();
  }
  if (result_.sections.empty()) {
    HandleSessionAttribute(name, value);
    return CheckBounds();
  }
  if (absl::Status status = HandleSectionAttribute(name, value); !status.ok()) {
    return status;
  }
  return CheckBounds();
}

// Attributes with the same meaning at both levels. True if it was one.
bool Parser::HandleTransportAttribute(std::string_view name, std::string_view value) {
  if (const std::optional<Direction> direction = ParseDirection(name)) {
    (result_.sections.empty() ? session_direction_ : section_direction_) = direction;
  } else if (name == "ice-ufrag") {
    transport().ice_ufrag = value;
  } else if (name == "ice-pwd") {
    transport().ice_pwd = value;
  } else if (name == "ice-options") {
    transport().ice_options.clear();
    while (!value.empty() && transport().ice_options.size() < kMaxItemsPerSection) {
      transport().ice_options.emplace_back(NextWord(value));
    }
  } else if (name == "fingerprint") {
    Fingerprint fingerprint;
    fingerprint.algorithm = NextWord(value);
    fingerprint.value = value;
    std::transform(fingerprint.algorithm.begin(), fingerprint.algorithm.end(),
                   fingerprint.algorithm.begin(), ToLower);
    std::transform(fingerprint.value.begin(), fingerprint.value.end(), fingerprint.value.begin(),
                   ToUpper);
    if (!fingerprint.value.empty()) {
      transport().fingerprints.push_back(std::move(fingerprint));
    }
  } else if (name == "setup") {
    transport().setup = ParseSetup(value);
  } else {
    return false;
  }
  return true;
}

void Parser::HandleSessionAttribute(std::string_view name, std::string_view value) {
  if (name == "group") {
    if (NextWord(value) == "BUNDLE") {
      std::vector<std::string> mids;
      while (!value.empty() && mids.size() < kMaxSections) {
        mids.emplace_back(NextWord(value));
      }
      result_.bundle_groups.push_back(std::move(mids));
    }
  } else if (name == "ice-lite") {
    result_.ice_lite = true;
  } else if (name == "extmap-allow-mixed") {
    result_.extmap_allow_mixed = true;
  } else if (name == "msid-semantic") {
    result_.msid_semantic = std::string(value);
  }
}

absl::Status Parser::HandleSectionAttribute(std::string_view name, std::string_view value) {
  MediaSection& s = section();
  if (name == "mid") {
    if (value.empty() || value.find_first_of(" \t") != std::string_view::npos) {
      return Error("malformed mid");
    }
    s.mid = value;
  } else if (name == "bundle-only") {
    s.bundle_only = true;
  } else if (name == "rtcp-mux") {
    s.rtcp_mux = true;
  } else if (name == "rtcp-rsize") {
    s.rtcp_rsize = true;
  } else if (name == "extmap-allow-mixed") {
    s.extmap_allow_mixed = true;
  } else if (name == "candidate") {
    s.candidates.push_back(absl::StrCat("candidate:", std::string(value)));
  } else if (name == "end-of-candidates") {
    s.end_of_candidates = true;
  } else if (name == "sctp-port") {
    s.sctp_port = ToNumber<uint16_t>(value);
  } else if (name == "max-message-size") {
    s.max_message_size = ToNumber<uint64_t>(value);
  } else if (s.is_media()) {
    return HandleMediaAttribute(name, value);
  }
  return absl::OkStatus();
}

absl::Status Parser::HandleMediaAttribute(std::string_view name, std::string_view value) {
  if (name == "rtpmap") {
    HandleRtpmap(value);
  } else if (name == "fmtp") {
    HandleFmtp(value);
  } else if (name == "rtcp-fb") {
    HandleFeedback(value);
  } else if (name == "extmap") {
    HandleExtmap(value);
  } else if (name == "msid") {
    if (!value.empty()) {
      section().msids.push_back(ParseMsid(value));
    }
  } else if (name == "ssrc") {
    HandleSsrc(value);
  } else if (name == "ssrc-group") {
    HandleSsrcGroup(value);
  } else if (name == "rid") {
    HandleRid(value);
  } else if (name == "simulcast") {
    HandleSimulcast(value);
  }
  return absl::OkStatus();
}

PayloadType* Parser::FindPayloadType(std::string_view number) {
  const std::optional<uint8_t> wanted = ToNumber<uint8_t>(number);
  for (PayloadType& payload_type : section().payload_types) {
    if (payload_type.number == wanted) {
      return &payload_type;
    }
  }
  return nullptr;
}

void Parser::HandleRtpmap(std::string_view value) {
  PayloadType* const payload_type = FindPayloadType(NextWord(value));
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

void Parser::HandleFmtp(std::string_view value) {
  PayloadType* const payload_type = FindPayloadType(NextWord(value));
  if (payload_type != nullptr) {
    payload_type->parameters = FormatParameters::Parse(value);
  }
}

void Parser::HandleFeedback(std::string_view value) {
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
  PayloadType* const payload_type = FindPayloadType(number);
  if (payload_type != nullptr && payload_type->feedback.size() < kMaxFeedback) {
    payload_type->feedback.emplace_back(value);
  }
}

void Parser::HandleExtmap(std::string_view value) {
  std::string_view direction = NextWord(value);
  const std::optional<uint16_t> id = ToNumber<uint16_t>(NextPart(direction, '/'));
  const std::string_view uri = NextWord(value);
  if (!id || *id == 0 || *id > kMaxExtensionId || uri.empty()) {
    return;
  }
  section().extensions.push_back({*id, std::string(uri), ParseDirection(direction)});
}

void Parser::HandleSsrc(std::string_view value) {
  const std::optional<uint32_t> ssrc = ToNumber<uint32_t>(NextWord(value));
  if (!ssrc) {
    return;
  }
  std::vector<SsrcSource>& sources = section().ssrcs;
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

void Parser::HandleSsrcGroup(std::string_view value) {
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
    section().ssrc_groups.push_back(std::move(group));
  }
}

void Parser::HandleRid(std::string_view value) {
  Rid rid;
  rid.id = NextWord(value);
  const std::string_view direction = NextWord(value);
  rid.restrictions = value;
  if (rid.id.empty() || (direction != "send" && direction != "recv")) {
    return;
  }
  rid.send = direction == "send";
  section().rids.push_back(std::move(rid));
}

void Parser::HandleSimulcast(std::string_view value) {
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
    section().simulcast = std::move(simulcast);
  }
}

}  // namespace

absl::StatusOr<SessionDescription> Parse(std::string_view text) { return Parser().Parse(text); }

}  // namespace sfu::sdp
