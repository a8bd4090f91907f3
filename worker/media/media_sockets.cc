#include "worker/media/media_sockets.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <absl/status/status.h>
#include <fmt/format.h>

#include "common/base/check.h"
#include "common/log/log.h"
#include "common/log/redact.h"

namespace sfu::media {
namespace {

// Below it a burst of key frames overflows the socket while the thread is busy [PERF-7].
constexpr int kSmallReceiveBuffer = 5'000'000;

// One port, bound on every address.
struct OpenPort {
  uint16_t port = 0;
  std::vector<std::unique_ptr<UdpSocket>> sockets;
};

// A port that is 0 is chosen by the system, the same for all addresses.
absl::StatusOr<OpenPort> Open(const std::vector<BindAddress>& addresses, uint16_t port,
                              const UdpSocket::Options& options) {
  OpenPort result = {port, {}};
  for (const BindAddress& address : addresses) {
    absl::StatusOr<std::unique_ptr<UdpSocket>> socket =
        UdpSocket::Bind(address.local.WithPort(result.port), options);
    if (!socket.ok()) {
      return socket.status();
    }
    result.port = (*socket)->local_address().port();
    result.sockets.push_back(*std::move(socket));
  }
  return result;
}

// The lowest ports that can be bound, at most `wanted`.
absl::StatusOr<std::vector<OpenPort>> OpenLowest(const std::vector<BindAddress>& addresses,
                                                 PortRange ports, size_t wanted,
                                                 const UdpSocket::Options& options) {
  std::vector<OpenPort> result;
  absl::Status last_failure = absl::InvalidArgumentError("empty port range");
  const bool any_port = ports.first == 0;
  const uint32_t last = any_port ? static_cast<uint32_t>(wanted) - 1 : ports.last;
  for (uint32_t port = ports.first; port <= last && result.size() < wanted; ++port) {
    absl::StatusOr<OpenPort> opened =
        Open(addresses, any_port ? uint16_t{0} : static_cast<uint16_t>(port), options);
    if (opened.ok()) {
      result.push_back(*std::move(opened));
    } else {
      last_failure = opened.status();  // Somebody else's port: the range has others.
    }
  }
  if (result.empty()) {
    return absl::UnavailableError(fmt::format(
        "no UDP port of {} to {} can be used for media: {}; is another server running? Choose free "
        "ports with rtc.port_range_start and rtc.port_range_end, or rtc.udp_port",
        ports.first, ports.last, std::string(last_failure.message())));
  }
  return result;
}

// Thread `index` receives by the port of that index, if there is one, and offers the port that is
// its own or shared with others, then the first.
ThreadSockets SocketsOf(size_t index, const std::vector<BindAddress>& addresses,
                        const std::vector<OpenPort>& ports) {
  ThreadSockets result;
  const size_t own = index % ports.size();
  for (size_t port = 0; port < ports.size(); ++port) {
    const bool offered = port == own || port == 0;
    for (const std::unique_ptr<UdpSocket>& socket : ports[port].sockets) {
      result.sockets.push_back(
          {offered ? socket->Duplicate() : nullptr, static_cast<uint32_t>(port)});
    }
  }
  AppendCandidates(addresses, ice::HostCandidate::Protocol::kUdp, ports[own].port,
                   result.candidates);
  if (own != 0) {
    AppendCandidates(addresses, ice::HostCandidate::Protocol::kUdp, ports[0].port,
                     result.candidates);
  }
  return result;
}

void WarnOfSmallBuffers(const std::vector<OpenPort>& ports) {
  int smallest = std::numeric_limits<int>::max();
  for (const OpenPort& port : ports) {
    for (const std::unique_ptr<UdpSocket>& socket : port.sockets) {
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
  for (const BindAddress& address : addresses) {
    for (const SocketAddress& advertised : address.advertised) {
      const auto before =
          std::count_if(candidates.begin(), candidates.end(), [&](const auto& other) {
            return other.protocol == protocol && other.address.is_v4() == advertised.is_v4();
          });
      candidates.push_back({protocol, advertised.WithPort(port), static_cast<uint16_t>(before)});
    }
  }
}

absl::StatusOr<std::vector<BindAddress>> KeepBindable(std::vector<BindAddress> addresses) {
  std::vector<BindAddress> kept;
  absl::Status last_failure;
  std::vector<SocketAddress> orphaned[2];  // By family: advertised by an address that is left out.
  for (BindAddress& address : addresses) {
    const auto probe = UdpSocket::Bind(address.local.WithPort(0), {.buffer_bytes = 0});
    std::vector<SocketAddress>& orphans = orphaned[address.local.is_v4() ? 0 : 1];
    if (!probe.ok()) {
      last_failure = probe.status();
      log::Write(log::Level::kWarning, "media.address_left_out",
                 {{"address", Redacted(address.local)},
                  {"reason", log::Public(std::string(probe.status().message()))}});
      std::erase(address.advertised, address.local);
      orphans.insert(orphans.end(), address.advertised.begin(), address.advertised.end());
      continue;
    }
    address.advertised.insert(address.advertised.end(), orphans.begin(), orphans.end());
    orphans.clear();
    kept.push_back(std::move(address));
  }
  if (kept.empty()) {
    return last_failure;
  }
  return kept;
}

absl::StatusOr<std::vector<ThreadSockets>> OpenMediaSockets(
    const std::vector<BindAddress>& addresses, PortRange ports, size_t threads,
    const UdpSocket::Options& options) {
  SFU_CHECK(!addresses.empty() && threads > 0);
  const absl::StatusOr<std::vector<OpenPort>> opened =
      OpenLowest(addresses, ports, threads, options);
  if (!opened.ok()) {
    return opened.status();
  }
  WarnOfSmallBuffers(*opened);
  std::vector<ThreadSockets> result;
  for (size_t index = 0; index < threads; ++index) {
    result.push_back(SocketsOf(index, addresses, *opened));
  }
  log::Write(log::Level::kInfo, "media.listening",
             {{"threads", threads},
              {"ports", opened->size()},
              {"addresses", addresses.size()},
              {"first_port", opened->front().port}});
  return result;
}

}  // namespace sfu::media
