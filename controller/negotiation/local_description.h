#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "common/sdp/session_description.h"
#include "proto/sfu/worker.pb.h"

// The transport half of a description: ours from what the worker opened, the peer's into what the
// worker must know. Internal to this module.
namespace sfu::negotiation {

inline constexpr uint16_t kSctpPort = 5000;
inline constexpr uint64_t kMaxMessageBytes = 65535;

// The identity of a series of our descriptions (RFC 9429 section 5.2.1).
class Origin {
 public:
  explicit Origin(Random& random) : session_id_(random.NextU64() >> 1) {}

  // An empty description, one version above the last.
  sdp::SessionDescription Next();

 private:
  uint64_t session_id_;
  uint64_t version_ = 0;
};

// Fills in ice-lite and fingerprint at session level, BUNDLE over all sections that are not
// rejected, and in each of those port, credentials and `setup`; all candidates go to the first.
void ApplyLocalTransport(const worker::v1::TransportOpened& local, sdp::Setup setup,
                         sdp::SessionDescription& description);

// Our answer to the peer's a=setup: passive unless that is what the peer insists on (media rule
// DTLS-2: as the server we choose the SRTP profile).
sdp::Setup AnswerSetup(std::optional<sdp::Setup> offered);

// The peer's parameters, taken from the first bundled section that is not rejected (RFC 9143
// section 7). InvalidArgument when credentials or a fingerprint of SHA-256 or better are missing.
absl::StatusOr<worker::v1::ConfigureTransport> ReadRemoteTransport(
    const sdp::SessionDescription& description);

// A data section of ours under this mid.
sdp::MediaSection DataSection(std::string mid);

}  // namespace sfu::negotiation
