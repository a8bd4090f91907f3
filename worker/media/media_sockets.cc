#include "worker/media/media_sockets.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "common/base/check.h"
#include "common/log/log.h"

namespace sfu::media {
namespace {

// Below it a burst of key frames overflows the socket while the thread is busy [PERF-7].
constexpr int kSmallReceiveBuffer = 5'000'000;

// A port that is 0 is chosen by the system, the same for all addresses.
absl::StatusOr<ThreadSockets> OpenOne(const std::vector<BindAddress>& addresses, uint16_t port,
                                      const UdpSocket::Options& options) {
  ThreadSockets result;
  for (const BindAddress& address : addresses) {
    absl::StatusOr<std::unique_ptr<UdpSocket>> socket =
        UdpSocket::Bind(address.local.WithPort(port), options);
    if (!socket.ok()) {
      return socket.status();
    }
    port = (*socket)->local_address().port();
    result.sockets.push_back(*std::move(socket));
  }
  AppendCandidates(addresses, ice::HostCandidate::Protocol::kUdp, port, result.candidates);
  return result;
}

void WarnOfSmallBuffers(const std::vector<ThreadSockets>& threads) {
  int smallest = std::numeric_limits<int>::max();
  for (const ThreadSockets& thread : threads) {
    for (const std::unique_ptr<UdpSocket>& socket : thread.sockets) {
      smallest = std::min(smallest, socket->receive_buffer_bytes());
    }
  }
  if (smallest < kSmallReceiveBuffer) {
    log::Write(log::Level::kWarning, "media.udp_receive_buffer_too_small",
               {{"granted_bytes", smallest},
                {"wanted_bytes", kSmallReceiveBuffer},
                {"remedy", "raise net.core.rmem_max"}});
  }
}

}  // namespace

void AppendCandidates(const std::vector<BindAddress>& addresses,
                      ice::HostCandidate::Protocol protocol, uint16_t port,
                      std::vector<ice::HostCandidate>& candidates) {
  uint16_t ranks[2] = {0, 0};
  for (const BindAddress& address : addresses) {
    for (const SocketAddress& advertised : address.advertised) {
      uint16_t& rank = ranks[advertised.is_v4() ? 0 : 1];
      candidates.push_back({protocol, advertised.WithPort(port), rank});
      ++rank;
    }
  }
}

absl::StatusOr<std::vector<ThreadSockets>> OpenMediaSockets(
    const std::vector<BindAddress>& addresses, PortRange ports, size_t threads,
    const UdpSocket::Options& options) {
  SFU_CHECK(!addresses.empty() && threads > 0);
  std::vector<ThreadSockets> result;
  absl::Status last_failure = absl::InvalidArgumentError("empty port range");
  const bool any_port = ports.first == 0;
  const uint32_t last = any_port ? static_cast<uint32_t>(threads) - 1 : ports.last;
  for (uint32_t port = ports.first; port <= last && result.size() < threads; ++port) {
    absl::StatusOr<ThreadSockets> opened =
        OpenOne(addresses, any_port ? uint16_t{0} : static_cast<uint16_t>(port), options);
    if (opened.ok()) {
      result.push_back(*std::move(opened));
    } else {
      last_failure = opened.status();  // Somebody else's port: the range has others.
    }
  }
  if (result.empty()) {
    return absl::UnavailableError(fmt::format("no UDP port of {} to {} can be used for media; {}",
                                              ports.first, ports.last,
                                              std::string(last_failure.message())));
  }
  WarnOfSmallBuffers(result);
  log::Write(log::Level::kInfo, "media.listening",
             {{"threads", result.size()},
              {"addresses", addresses.size()},
              {"first_port", result.front().sockets.front()->local_address().port()}});
  return result;
}

}  // namespace sfu::media
