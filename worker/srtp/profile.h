#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace sfu::srtp {

// By their number in the registry of DTLS-SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14),
// which is what the handshake hands over. The 32-bit tag variants are never used.
enum class Profile : uint8_t {
  kAes128CmSha1Tag80 = 0x0001,
  kAeadAes128Gcm = 0x0007,
  kAeadAes256Gcm = 0x0008,
};

constexpr std::optional<Profile> ProfileFromNumber(uint16_t number) {
  switch (number) {
    case 0x0001:
    case 0x0007:
    case 0x0008:
      return static_cast<Profile>(number);
    default:
      return std::nullopt;
  }
}

constexpr bool IsGcm(Profile profile) { return profile != Profile::kAes128CmSha1Tag80; }

constexpr size_t KeyBytes(Profile profile) { return profile == Profile::kAeadAes256Gcm ? 32 : 16; }
constexpr size_t SaltBytes(Profile profile) { return IsGcm(profile) ? 12 : 14; }

// What protecting adds to a packet [SRTP-1]: the tag, and for RTCP the E flag and index as well.
constexpr size_t RtpOverheadBytes(Profile profile) { return IsGcm(profile) ? 16 : 10; }
constexpr size_t RtcpOverheadBytes(Profile profile) { return RtpOverheadBytes(profile) + 4; }
constexpr size_t kMaxRtpOverheadBytes = 16;
constexpr size_t kMaxRtcpOverheadBytes = 20;

}  // namespace sfu::srtp
