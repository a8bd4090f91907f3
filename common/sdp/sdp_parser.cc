#include "common/sdp/sdp_parser.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include "common/sdp/attribute_words.h"
#include "common/sdp/line_reader.h"
#include "common/sdp/media_attributes.h"
#include "common/sdp/text_fields.h"

namespace sfu::sdp {
namespace {

constexpr uint8_t kMaxPayloadType = 127;

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

// One pass over the lines, with the section under construction last in `result_.sections`.
class Parser {
 public:
  explicit Parser(std::string_view text) : lines_(text) {}

  absl::StatusOr<SessionDescription> Parse();

 private:
  absl::Status HandleLine(const Line& line);
  absl::Status HandleMediaLine(std::string_view value);
  absl::Status ParsePayloadTypes(std::string_view numbers, MediaSection& section) const;
  void HandleOrigin(std::string_view value);
  absl::Status HandleAttribute(std::string_view attribute);
  bool HandleTransportAttribute(std::string_view name, std::string_view value);
  void HandleFingerprint(std::string_view value);
  void HandleSessionAttribute(std::string_view name, std::string_view value);
  absl::Status HandleSectionAttribute(std::string_view name, std::string_view value);
  absl::Status FinishSection();

  MediaSection& section() { return result_.sections.back(); }
  TransportAttributes& transport() {
    return result_.sections.empty() ? result_.transport : section().transport;
  }
  absl::Status CheckBounds();

  LineReader lines_;
  SessionDescription result_;
  std::optional<Direction> session_direction_;
  std::optional<Direction> section_direction_;
  MediaAttributes media_;  // Of the section under construction.
  std::set<std::string> mids_;
};

absl::StatusOr<SessionDescription> Parser::Parse() {
  for (;;) {
    const absl::StatusOr<std::optional<Line>> line = lines_.Next();
    if (!line.ok()) {
      return line.status();
    }
    if (!line->has_value()) {
      break;
    }
    if (absl::Status status = HandleLine(**line); !status.ok()) {
      return status;
    }
  }
  if (absl::Status status = FinishSection(); !status.ok()) {
    return status;
  }
  return std::move(result_);
}

absl::Status Parser::HandleLine(const Line& line) {
  switch (line.type) {
    case 'o':
      HandleOrigin(line.value);
      return absl::OkStatus();
    case 'm':
      return HandleMediaLine(line.value);
    case 'a':
      return HandleAttribute(line.value);
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
    return lines_.Error("too many sections");
  }
  const std::string_view media = NextWord(value);
  std::string_view ports = NextWord(value);
  const std::optional<uint16_t> port = ToNumber<uint16_t>(NextPart(ports, '/'));
  const std::string_view protocol = NextWord(value);
  if (media.empty() || !port || protocol.empty() || value.empty()) {
    return lines_.Error("malformed m= line");
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
      return lines_.Error("malformed payload type");
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
  section_direction_.reset();
  std::exchange(media_, {}).Finish(done);
  if (!done.mid.empty() && !mids_.insert(done.mid).second) {
    return lines_.Error("section with the mid of another");
  }
  return absl::OkStatus();
}

absl::Status Parser::CheckBounds() {
  if (result_.sections.empty()) {
    const bool exceeded = result_.transport.fingerprints.size() > kMaxItemsPerSection ||
                          result_.bundle_groups.size() > kMaxItemsPerSection;
    return exceeded ? lines_.Error("too many attributes") : absl::OkStatus();
  }
  const MediaSection& s = section();
  const size_t most = std::max({s.transport.fingerprints.size(), s.extensions.size(),
                                s.msids.size(), s.ssrcs.size(), s.ssrc_groups.size(), s.rids.size(),
                                s.formats.size(), s.candidates.size()});
  return most > kMaxItemsPerSection ? lines_.Error("too many attributes of a kind")
                                    : absl::OkStatus();
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
    HandleFingerprint(value);
  } else if (name == "setup") {
    transport().setup = ParseSetup(value);
  } else {
    return false;
  }
  return true;
}

void Parser::HandleFingerprint(std::string_view value) {
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
      return lines_.Error("malformed mid");
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
    media_.Read(name, value, s);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<SessionDescription> Parse(std::string_view text) {
  if (text.size() > kMaxTextBytes) {
    return absl::InvalidArgumentError("SDP text too long");
  }
  return Parser(text).Parse();
}

}  // namespace sfu::sdp
