#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "common/base/check.h"
#include "worker/srtp/session.h"

// Any bytes as a packet, under every profile. The first byte chooses profile, RTP or RTCP, and
// whether the packet is taken as it is (nothing random may ever authenticate) or is what a peer
// with the keys protects, in which case it must come back as it was.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace sfu::srtp;
  if (size == 0 || size > 2000) {
    return 0;
  }
  constexpr Profile kProfiles[] = {Profile::kAes128CmSha1Tag80, Profile::kAeadAes128Gcm,
                                   Profile::kAeadAes256Gcm};
  const Profile profile = kProfiles[data[0] % 3];
  const bool rtcp = (data[0] & 0x40) != 0;
  const bool authentic = (data[0] & 0x80) != 0;
  const MasterKey key = {std::vector<uint8_t>(KeyBytes(profile), 1),
                         std::vector<uint8_t>(SaltBytes(profile), 2)};
  const std::unique_ptr<Session> sender = Session::Create(profile, key, key);
  const std::unique_ptr<Session> receiver = Session::Create(profile, key, key);

  // Exactly as large as it must be, so that the sanitizer sees any access behind the end.
  const std::vector<uint8_t> packet(data + 1, data + size);
  std::vector<uint8_t> buffer = packet;
  if (!authentic) {
    const auto result = rtcp ? receiver->UnprotectRtcp(absl::MakeSpan(buffer), packet.size())
                             : receiver->UnprotectRtp(absl::MakeSpan(buffer), packet.size());
    SFU_CHECK(!result);
    return 0;
  }
  buffer.resize(packet.size() + (rtcp ? sender->rtcp_overhead_bytes() : sender->overhead_bytes()));
  const auto wire = rtcp ? sender->ProtectRtcp(absl::MakeSpan(buffer), packet.size())
                         : sender->ProtectRtp(absl::MakeSpan(buffer), packet.size());
  if (!wire) {
    SFU_CHECK(wire.error() == DropReason::kMalformed);
    return 0;
  }
  const auto plain = rtcp ? receiver->UnprotectRtcp(absl::MakeSpan(buffer), *wire)
                          : receiver->UnprotectRtp(absl::MakeSpan(buffer), *wire);
  SFU_CHECK(plain && *plain == packet.size());
  SFU_CHECK(std::equal(packet.begin(), packet.end(), buffer.begin()));
  return 0;
}
