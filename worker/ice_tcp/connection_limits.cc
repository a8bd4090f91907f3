#include "worker/ice_tcp/connection_limits.h"

#include "common/base/check.h"
#include "worker/ice/source_network.h"

namespace sfu::ice_tcp {

ConnectionLimits::Verdict ConnectionLimits::Enter(const SocketAddress& remote) {
  if (waiting_ >= options_.waiting) {
    return Verdict::kTooMany;
  }
  size_t& of_network = waiting_of_network_[ice::SourceNetworkOf(remote)];
  if (of_network >= options_.waiting_of_network) {
    return Verdict::kTooManyOfNetwork;
  }
  ++of_network;
  ++waiting_;
  return Verdict::kAdmitted;
}

void ConnectionLimits::Leave(const SocketAddress& remote) {
  const auto found = waiting_of_network_.find(ice::SourceNetworkOf(remote));
  SFU_CHECK(found != waiting_of_network_.end());
  --waiting_;
  if (--found->second == 0) {
    waiting_of_network_.erase(found);
  }
}

}  // namespace sfu::ice_tcp
