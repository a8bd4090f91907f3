#include "worker/dtls/fingerprint.h"

#include <array>
#include <utility>

#include <absl/strings/match.h>
#include <openssl/evp.h>

#include "common/base/check.h"

namespace sfu::dtls {
namespace {

struct Digest {
  FingerprintAlgorithm algorithm;
  std::string_view name;
  size_t length_bytes;
  const EVP_MD* (*evp)();
};
constexpr std::array<Digest, 3> kDigests = {{
    {FingerprintAlgorithm::kSha256, "sha-256", 32, &EVP_sha256},
    {FingerprintAlgorithm::kSha384, "sha-384", 48, &EVP_sha384},
    {FingerprintAlgorithm::kSha512, "sha-512", 64, &EVP_sha512},
}};

const Digest& DigestOf(FingerprintAlgorithm algorithm) {
  return kDigests[static_cast<size_t>(algorithm)];
}

std::optional<uint8_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') {
    return static_cast<uint8_t>(c - '0');
  }
  const char lower = static_cast<char>(c | 0x20);
  if (lower >= 'a' && lower <= 'f') {
    return static_cast<uint8_t>(lower - 'a' + 10);
  }
  return std::nullopt;
}

// "AA:BB:CC", exactly `length_bytes` of them.
std::optional<std::vector<uint8_t>> ParseHexPairs(std::string_view text, size_t length_bytes) {
  if (text.size() != length_bytes * 3 - 1) {
    return std::nullopt;
  }
  std::vector<uint8_t> bytes;
  bytes.reserve(length_bytes);
  for (size_t i = 0; i < text.size(); i += 3) {
    const std::optional<uint8_t> high = HexDigit(text[i]);
    const std::optional<uint8_t> low = HexDigit(text[i + 1]);
    if (!high || !low || (i + 2 < text.size() && text[i + 2] != ':')) {
      return std::nullopt;
    }
    bytes.push_back(static_cast<uint8_t>(*high << 4 | *low));
  }
  return bytes;
}

bool EqualsIgnoreCase(std::string_view a, std::string_view b) {
  return absl::EqualsIgnoreCase(absl::string_view(a.data(), a.size()),
                                absl::string_view(b.data(), b.size()));
}

}  // namespace

std::optional<Fingerprint> Fingerprint::Parse(std::string_view sdp_value) {
  const size_t space = sdp_value.find(' ');
  if (space == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view name = sdp_value.substr(0, space);
  for (const Digest& digest : kDigests) {
    if (EqualsIgnoreCase(name, digest.name)) {
      std::optional<std::vector<uint8_t>> bytes =
          ParseHexPairs(sdp_value.substr(space + 1), digest.length_bytes);
      if (!bytes) {
        return std::nullopt;
      }
      return Fingerprint{digest.algorithm, *std::move(bytes)};
    }
  }
  return std::nullopt;
}

Fingerprint Fingerprint::Of(FingerprintAlgorithm algorithm,
                            absl::Span<const uint8_t> certificate_der) {
  const Digest& digest = DigestOf(algorithm);
  Fingerprint fingerprint{algorithm, std::vector<uint8_t>(digest.length_bytes)};
  SFU_CHECK(EVP_Digest(certificate_der.data(), certificate_der.size(), fingerprint.bytes.data(),
                       nullptr, digest.evp(), nullptr) == 1);
  return fingerprint;
}

std::string Fingerprint::ToSdp() const {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text(DigestOf(algorithm).name);
  char separator = ' ';
  for (const uint8_t byte : bytes) {
    text += separator;
    text += kDigits[byte >> 4];
    text += kDigits[byte & 0x0f];
    separator = ':';
  }
  return text;
}

}  // namespace sfu::dtls
