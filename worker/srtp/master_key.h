#pragma once

#include <cstdint>
#include <vector>

#include <absl/types/span.h>

namespace sfu::srtp {

// A master key of one direction. A secret: never formatted.
struct MasterKey {
  std::vector<uint8_t> key;   // KeyBytes(profile) long.
  std::vector<uint8_t> salt;  // SaltBytes(profile) long.
};

// The labels of RFC 3711 §4.3.2.
enum class KeyLabel : uint8_t {
  kRtpEncryption = 0,
  kRtpAuthentication = 1,
  kRtpSalt = 2,
  kRtcpEncryption = 3,
  kRtcpAuthentication = 4,
  kRtcpSalt = 5,
};

// What RTP packets are encrypted with. A secret too.
struct SessionKey {
  std::vector<uint8_t> key;
  std::vector<uint8_t> salt;
};

// Fills `session_key` from the master key: AES in counter mode, with a key derivation rate of zero
// (RFC 3711 §4.3.3). A 12-byte GCM salt counts as 14 bytes ending in zeros (RFC 7714 §11).
// Precondition: a key of 16 or 32 bytes, a salt of at most 14.
void DeriveSessionKey(const MasterKey& master, KeyLabel label, absl::Span<uint8_t> session_key);

// The encryption key and salt for RTP, as long as those of the master key.
SessionKey DeriveRtpSessionKey(const MasterKey& master);

}  // namespace sfu::srtp
