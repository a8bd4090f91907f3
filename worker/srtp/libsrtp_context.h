#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include <absl/container/flat_hash_set.h>
#include <absl/types/span.h>

#include "common/base/expected.h"
#include "worker/srtp/drop_reason.h"
#include "worker/srtp/master_key.h"
#include "worker/srtp/profile.h"

struct srtp_ctx_t_;

namespace sfu::srtp {

// One direction of libsrtp under a wildcard policy: any SSRC, one master key. Internal to this
// folder; its contract is Session's.
//
// libsrtp makes a stream's state at the stream's first packet: when sending at once, when receiving
// only after the tag was found right (read in the sources of 2.5.0: until then the packet is judged
// with the template's keys, a rollover counter of zero, and leaves no trace). It knows no limit,
// and looks streams up in a linked list, so the limit is ours, applied before libsrtp sees the
// packet.
class LibsrtpContext {
 public:
  enum class Direction : uint8_t { kOutbound, kInbound };

  LibsrtpContext(Direction direction, Profile profile, const MasterKey& master);

  Expected<size_t, DropReason> ProtectRtp(uint8_t* packet, size_t size);
  Expected<size_t, DropReason> UnprotectRtp(uint8_t* packet, size_t size);
  Expected<size_t, DropReason> ProtectRtcp(uint8_t* packet, size_t size);
  Expected<size_t, DropReason> UnprotectRtcp(uint8_t* packet, size_t size);

  void Forget(uint32_t ssrc);

 private:
  using Operation = int (*)(srtp_ctx_t_* context, void* packet, int* size);
  struct Deleter {
    void operator()(srtp_ctx_t_* context) const;
  };

  Expected<size_t, DropReason> Process(Operation operation, uint32_t ssrc, uint8_t* packet,
                                       size_t size);

  const size_t max_streams_;
  std::unique_ptr<srtp_ctx_t_, Deleter> context_;
  absl::flat_hash_set<uint32_t> streams_;  // The SSRCs that libsrtp holds state for.
};

}  // namespace sfu::srtp
