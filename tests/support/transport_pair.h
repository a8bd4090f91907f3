#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "tests/support/seeded_random.h"
#include "tests/support/simulated_clock.h"
#include "tests/support/simulated_network.h"
#include "tests/support/virtual_peer.h"
#include "worker/dtls/certificate.h"
#include "worker/dtls/context.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/sctp/usrsctp_association.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/transport.h"
#include "worker/transport/transport_counters.h"
#include "worker/transport/transport_table.h"

namespace sfu {

// A Transport and the client at its other end, joined by two lossy links on simulated time. What
// either side puts out is kept until the test looks at it.
class TransportPair {
 public:
  struct Options {
    uint64_t seed = 1;
    double loss = 0.0;
    absl::Duration delay = absl::Milliseconds(20);
    absl::Duration jitter = {};
    transport::Transport::Options transport = {};
    VirtualPeer::Options peer = {};
  };

  explicit TransportPair(const Options& options);

  // Tells the transport what the peer's description says, and the peer what ours does.
  void Configure();
  void StartPeer();

  // Lets everything happen that is due within `duration`.
  void RunFor(absl::Duration duration);
  // Configures, starts and runs until both ends are connected (and, with data, have their
  // channels). False if that takes more than `limit`.
  bool Connect(absl::Duration limit = absl::Seconds(20));

  // A datagram that reaches the transport from `from`, now.
  void Inject(const SocketAddress& from, absl::Span<const uint8_t> datagram);
  // Sends what is pending. Done by RunFor() as well.
  void FlushTransport();

  rtp::PacketRef Packet(absl::Span<const uint8_t> bytes) { return pool.Copy(bytes); }

  // The outputs of one kind since the last Clear(), in order.
  template <typename T>
  std::vector<T> TransportOutputsOf() const {
    return OfKind<T>(transport_outputs);
  }
  template <typename T>
  std::vector<T> PeerOutputsOf() const {
    return OfKind<T>(peer_outputs);
  }
  std::vector<transport::TransportState> States() const;
  void ClearOutputs();

  static SocketAddress PeerAddress(uint8_t last_octet = 2);
  static SocketAddress ServerAddress();

  SimulatedClock clock;
  SeededRandom random;
  rtp::PacketPool pool{4096};
  sctp::UsrsctpAssociationFactory associations;
  transport::TransportTable table;
  transport::TransportCounters counters;
  std::shared_ptr<const dtls::Context> server_context;
  std::shared_ptr<const dtls::Context> peer_context;
  std::unique_ptr<transport::Transport> transport;
  VirtualPeer peer;

  transport::TransportOutputs transport_outputs;
  std::vector<VirtualPeer::Output> peer_outputs;
  size_t datagrams_sent = 0;  // By the transport.
  size_t unroutable = 0;      // Datagrams to the transport that its table did not know.

 private:
  template <typename T, typename Variant>
  static std::vector<T> OfKind(const std::vector<Variant>& outputs) {
    std::vector<T> found;
    for (const Variant& output : outputs) {
      if (const T* match = std::get_if<T>(&output)) {
        found.push_back(*match);
      }
    }
    return found;
  }

  void Settle();  // Everything that is due now.
  void TakePeerOutputs();
  void Deliver();
  Timestamp NextEvent() const;
  uint8_t IndexOf(const SocketAddress& address);

  const Options options_;
  SimulatedLink to_transport_;
  SimulatedLink to_peer_;
  // A link carries bytes only: the first one names the peer's address.
  std::vector<SocketAddress> peer_addresses_;
  transport::DatagramBatch batch_;
};

}  // namespace sfu
