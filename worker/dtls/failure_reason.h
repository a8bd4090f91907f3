#pragma once

#include <cstdint>

namespace sfu::dtls {

enum class FailureReason : uint8_t {
  kHandshakeTimeout,  // Not connected within Options::handshake_limit, or the peer went mute.
  kProtocol,          // The handshake went wrong: no common cipher, bad signature, no certificate.
  kPeerAlert,         // The peer refused us with a fatal alert.
  kFingerprintMismatch,  // Its certificate is not one that its SDP announced.
  kNoSrtpProfile,        // Nothing in common in use_srtp.
};

}  // namespace sfu::dtls
