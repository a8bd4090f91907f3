#include "controller/negotiation/local_description.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string_view>
#include <utility>

#include <absl/status/status.h>

#include "controller/negotiation/candidate_init.h"

namespace sfu::negotiation {
namespace {

constexpr size_t kMinUfrag = 4;  // RFC 8839 section 5.4.
constexpr size_t kMinPassword = 22;
constexpr size_t kMaxCredential = 256;
constexpr uint64_t kDefaultMaxMessageBytes = 65536;  // RFC 8841 section 6.1.

// SHA-1 and SHA-224 are refused (media rule DTLS-5). 0: not accepted.
size_t DigestBytes(std::string_view algorithm) {
  if (algorithm == "sha-256") {
    return 32;
  }
  if (algorithm == "sha-384") {
    return 48;
  }
  return algorithm == "sha-512" ? 64 : 0;
}

// "AB:CD" to bytes; nullopt unless it is `size` pairs.
std::optional<std::string> ParseHexPairs(std::string_view text, size_t size) {
  if (size == 0 || text.size() != 3 * size - 1) {
    return std::nullopt;
  }
  std::string bytes;
  for (size_t i = 0; i < text.size(); i += 3) {
    uint8_t byte = 0;
    const char* const end = text.data() + i + 2;
    const auto [stop, error] = std::from_chars(text.data() + i, end, byte, 16);
    if (error != std::errc() || stop != end || (i + 2 < text.size() && text[i + 2] != ':')) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<char>(byte));
  }
  return bytes;
}

std::string ToHexPairs(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    if (!text.empty()) {
      text += ':';
    }
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0xf];
  }
  return text;
}

template <typename Description>
auto FindByMid(Description& description, std::string_view mid) {
  return std::find_if(description.sections.begin(), description.sections.end(),
                      [&](const sdp::MediaSection& section) { return section.mid == mid; });
}

// The section whose transport is the bundle's: the first of the group that is not rejected, or
// without a group the first at all.
template <typename Description>
auto TransportSection(Description& description) {
  if (!description.bundle_groups.empty()) {
    for (const std::string& mid : description.bundle_groups.front()) {
      const auto section = FindByMid(description, mid);
      if (section != description.sections.end() && !section->rejected()) {
        return section;
      }
    }
  }
  return std::find_if(description.sections.begin(), description.sections.end(),
                      [](const sdp::MediaSection& section) { return !section.rejected(); });
}

uint32_t MaxMessageBytes(const sdp::SessionDescription& description) {
  constexpr uint64_t kMost = std::numeric_limits<uint32_t>::max();
  for (const sdp::MediaSection& section : description.sections) {
    if (section.kind == sdp::MediaKind::kApplication && !section.rejected()) {
      const uint64_t size = section.max_message_size.value_or(kDefaultMaxMessageBytes);
      return static_cast<uint32_t>(size == 0 ? kMost : std::min(size, kMost));  // 0: any size.
    }
  }
  return 0;
}

bool IsCredential(std::string_view text, size_t least) {
  return text.size() >= least && text.size() <= kMaxCredential;
}

}  // namespace

sdp::SessionDescription Origin::Next() {
  sdp::SessionDescription description;
  description.session_id = session_id_;
  description.session_version = ++version_;
  description.msid_semantic = "WMS *";
  return description;
}

void ApplyLocalTransport(const worker::v1::TransportOpened& local, sdp::Setup setup,
                         sdp::SessionDescription& description) {
  description.ice_lite = true;
  description.transport.fingerprints = {
      {local.local_fingerprint().algorithm(), ToHexPairs(local.local_fingerprint().value())}};
  for (sdp::MediaSection& section : description.sections) {
    if (section.rejected()) {
      continue;
    }
    section.port = 9;
    section.transport.ice_ufrag = local.local_ice().ufrag();
    section.transport.ice_pwd = local.local_ice().password();
    section.transport.setup = setup;
  }
  const auto first = TransportSection(description);
  if (first == description.sections.end()) {
    return;
  }
  for (const worker::v1::Candidate& candidate : local.candidates()) {
    first->candidates.push_back(CandidateText(candidate));
  }
  first->end_of_candidates = true;
}

void BundleOffer(sdp::SessionDescription& offer) {
  std::vector<std::string> mids;
  for (const sdp::MediaSection& section : offer.sections) {
    if (!section.rejected()) {
      mids.push_back(section.mid);
    }
  }
  offer.bundle_groups = {std::move(mids)};
}

void BundleAnswer(const sdp::SessionDescription& offer, sdp::SessionDescription& answer) {
  if (offer.bundle_groups.empty()) {
    return;
  }
  std::vector<std::string> mids;
  for (const std::string& mid : offer.bundle_groups.front()) {
    const auto section = FindByMid(answer, mid);
    if (section != answer.sections.end() && !section->rejected()) {
      mids.push_back(mid);
    }
  }
  if (!mids.empty()) {
    answer.bundle_groups = {std::move(mids)};
  }
}

absl::StatusOr<worker::v1::ConfigureTransport> ReadRemoteTransport(
    const sdp::SessionDescription& description) {
  const auto section = TransportSection(description);
  if (section == description.sections.end()) {
    return absl::InvalidArgumentError("SDP without a usable section");
  }
  const sdp::TransportAttributes transport = sdp::EffectiveTransport(description, *section);
  if (!IsCredential(transport.ice_ufrag, kMinUfrag) ||
      !IsCredential(transport.ice_pwd, kMinPassword)) {
    return absl::InvalidArgumentError("SDP without usable ICE credentials");
  }
  worker::v1::ConfigureTransport result;
  result.mutable_remote_ice()->set_ufrag(transport.ice_ufrag);
  result.mutable_remote_ice()->set_password(transport.ice_pwd);
  for (const sdp::Fingerprint& fingerprint : transport.fingerprints) {
    const std::optional<std::string> bytes =
        ParseHexPairs(fingerprint.value, DigestBytes(fingerprint.algorithm));
    if (bytes) {
      worker::v1::Fingerprint& accepted = *result.add_remote_fingerprints();
      accepted.set_algorithm(fingerprint.algorithm);
      accepted.set_value(*bytes);
    }
  }
  if (result.remote_fingerprints().empty()) {
    return absl::InvalidArgumentError("SDP without a fingerprint of SHA-256 or better");
  }
  result.set_peer_is_dtls_server(transport.setup == sdp::Setup::kPassive);
  result.set_remote_max_message_size(MaxMessageBytes(description));
  return result;
}

sdp::MediaSection DataSection(std::string mid) {
  sdp::MediaSection section;
  section.kind = sdp::MediaKind::kApplication;
  section.protocol = "UDP/DTLS/SCTP";
  section.formats = {"webrtc-datachannel"};
  section.mid = std::move(mid);
  section.sctp_port = kSctpPort;
  section.max_message_size = kMaxMessageBytes;
  return section;
}

}  // namespace sfu::negotiation
