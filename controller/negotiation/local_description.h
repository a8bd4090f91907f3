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

// Fills in ice-lite and fingerprint at session level, and port, credentials and `setup` in each
// section whose port is not 0; candidates go to the first bundled one. `description.bundle_groups`
// is complete by then.
void ApplyLocalTransport(const worker::v1::TransportOpened& local, sdp::Setup setup,
                         sdp::SessionDescription& description);

// BUNDLE over all sections that are not rejected: in their own order for an offer, in the order of
// the offered group for an answer, which has no group when there was none.
void BundleOffer(sdp::SessionDescription& offer);
void BundleAnswer(const sdp::SessionDescription& offer, sdp::SessionDescription& answer);

// The peer's parameters, taken from the first bundled section that is not rejected (RFC 9143
// section 7). InvalidArgument when credentials or a fingerprint of SHA-256 or better are missing.
absl::StatusOr<worker::v1::ConfigureTransport> ReadRemoteTransport(
    const sdp::SessionDescription& description);

// A data section of ours under this mid.
sdp::MediaSection DataSection(std::string mid);

}  // namespace sfu::negotiation
