#include "worker/ice/candidate.h"

#include <fmt/format.h>

#include "common/base/check.h"

namespace sfu::ice {
namespace {

constexpr uint32_t kComponent = 1;  // rtcp-mux: there is no other.
constexpr uint32_t kHostTypePreference = 126;
constexpr uint32_t kTcpTypePreferencePenalty = 27;
constexpr uint32_t kMaxLocalPreference = 65'535;
constexpr uint32_t kPassiveDirectionPreference = 4;
constexpr uint32_t kMaxOtherPreference = 8'191;

}  // namespace

uint32_t CandidatePriority(const HostCandidate& candidate) {
  uint32_t type_preference = kHostTypePreference;
  uint32_t local_preference = 0;
  if (candidate.protocol == HostCandidate::Protocol::kUdp) {
    local_preference = kMaxLocalPreference - candidate.preference_rank;
  } else {
    SFU_CHECK(candidate.preference_rank <= kMaxOtherPreference);
    type_preference -= kTcpTypePreferencePenalty;
    local_preference =
        (kPassiveDirectionPreference << 13) + kMaxOtherPreference - candidate.preference_rank;
  }
  return (type_preference << 24) + (local_preference << 8) + (256 - kComponent);
}

std::string CandidateFoundation(const HostCandidate& candidate) {
  // FNV-1a: the only wish is that different inputs rarely meet.
  uint32_t hash = 2'166'136'261;
  const auto mix = [&hash](uint8_t byte) { hash = (hash ^ byte) * 16'777'619; };
  mix(candidate.protocol == HostCandidate::Protocol::kUdp ? 17 : 6);
  for (const uint8_t byte : candidate.address.ip()) {
    mix(byte);
  }
  return fmt::format("{}", hash);
}

std::string CandidateAttribute(const HostCandidate& candidate) {
  const bool udp = candidate.protocol == HostCandidate::Protocol::kUdp;
  return fmt::format("candidate:{} {} {} {} {} {} typ host{}", CandidateFoundation(candidate),
                     kComponent, udp ? "udp" : "tcp", CandidatePriority(candidate),
                     candidate.address.ToWireString(), candidate.address.port(),
                     udp ? "" : " tcptype passive");
}

}  // namespace sfu::ice
