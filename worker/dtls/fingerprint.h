#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/types/span.h>

namespace sfu::dtls {

// The digests we accept in a=fingerprint. Weaker ones (sha-1, sha-224, md5) have no enumerator:
// a line that names one does not parse and so can never satisfy a check [DTLS-5].
enum class FingerprintAlgorithm : uint8_t { kSha256, kSha384, kSha512 };

// The digest of a certificate's DER form, as carried by SDP (RFC 8122 §5).
struct Fingerprint {
  FingerprintAlgorithm algorithm = FingerprintAlgorithm::kSha256;
  std::vector<uint8_t> bytes;  // As long as the algorithm's digest.

  // Takes the value of an a=fingerprint line, "sha-256 AA:BB:...", in any case. Returns nullopt for
  // an algorithm we do not accept and for a digest of the wrong length.
  static std::optional<Fingerprint> Parse(std::string_view sdp_value);

  // The digest of `certificate_der`.
  static Fingerprint Of(FingerprintAlgorithm algorithm, absl::Span<const uint8_t> certificate_der);

  // "sha-256 AA:BB:...": lower-case name, upper-case digits.
  std::string ToSdp() const;

  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

}  // namespace sfu::dtls
