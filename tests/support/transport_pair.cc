#include "tests/support/transport_pair.h"

#include <algorithm>
#include <utility>

#include "common/base/check.h"
#include "tests/support/simulated_gettimeofday.h"
#include "worker/ice/stun_message.h"

namespace sfu {
namespace {

const transport::TransportId kId(7);

// Any wall time: nobody checks validity, and none is to be asked of the machine.
const absl::Time kCertificateTime = absl::UnixEpoch() + absl::Hours(24 * 20'000);

// Made once per process: certificates take longer than most tests.
template <uint64_t kSeed>
std::shared_ptr<const dtls::Context> OneOfTwoContexts() {
  static const auto* const context = [] {
    SeededRandom random(kSeed);
    return new std::shared_ptr<const dtls::Context>(
        std::make_shared<dtls::Context>(dtls::Certificate::Generate(random, kCertificateTime)));
  }();
  return *context;
}

}  // namespace

TransportPair::TransportPair(const Options& options)
    : random(options.seed),
      server_context(OneOfTwoContexts<0>()),
      peer_context(OneOfTwoContexts<1>()),
      peer(random, *peer_context, associations, options.peer),
      options_(options),
      to_transport_({.seed = options.seed * 2 + 1,
                     .delay = options.delay,
                     .jitter = options.jitter,
                     .loss = options.loss}),
      to_peer_({.seed = options.seed * 2 + 2,
                .delay = options.delay,
                .jitter = options.jitter,
                .loss = options.loss}) {
  SetSimulatedTimeOfDay(clock.Now());
  transport = std::make_unique<transport::Transport>(
      kId, server_context,
      transport::TransportEnvironment{.thread_index = 3,
                                      .table = table,
                                      .counters = counters,
                                      .random = random,
                                      .associations = associations},
      options.transport);
}

void TransportPair::Configure() {
  transport->Configure(clock.Now(),
                       {.fingerprints = {peer.fingerprint()},
                        .is_dtls_server = options_.peer.dtls_role == dtls::Role::kServer,
                        .max_message_bytes = options_.peer.has_data ? size_t{262'144} : 0});
}

void TransportPair::StartPeer() {
  peer.Connect(clock.Now(), PeerAddress(),
               {.ice = transport->local_ice(),
                .fingerprints = {transport->local_fingerprint()},
                .address = ServerAddress()});
}

bool TransportPair::Connect(absl::Duration limit) {
  Configure();
  StartPeer();
  const Timestamp end = clock.Now() + limit;
  const auto ready = [this] {
    const bool data = !options_.peer.has_data ||
                      (!TransportOutputsOf<transport::DataChannelsOpen>().empty() &&
                       peer.IsChannelOpen("_reliable") && peer.IsChannelOpen("_lossy"));
    return data && peer.connected() && transport->state() == transport::TransportState::kConnected;
  };
  while (!ready() && clock.Now() < end) {
    RunFor(absl::Milliseconds(10));
  }
  return ready();
}

void TransportPair::RunFor(absl::Duration duration) {
  const Timestamp end = clock.Now() + duration;
  Settle();
  while (NextEvent() <= end) {
    clock.AdvanceTo(std::max(clock.Now(), NextEvent()));
    SetSimulatedTimeOfDay(clock.Now());
    Settle();
  }
  clock.AdvanceTo(end);
  SetSimulatedTimeOfDay(end);
}

void TransportPair::Settle() {
  // A deadline that stays due is a bug that would otherwise hang the test.
  for (int turns = 0; turns < 1000; ++turns) {
    Deliver();
    if (transport->NextTimeout() <= clock.Now()) {
      transport->HandleTimeout(clock.Now(), transport_outputs);
    }
    if (peer.NextTimeout() <= clock.Now()) {
      peer.HandleTimeout(clock.Now());
    }
    FlushTransport();
    TakePeerOutputs();
    if (NextEvent() > clock.Now()) {
      return;
    }
  }
  const bool settled = false;
  SFU_CHECK(settled);
}

void TransportPair::Deliver() {
  while (std::optional<std::vector<uint8_t>> arrival = to_transport_.PollArrival(clock.Now())) {
    Inject(peer_addresses_[arrival->front()], absl::MakeConstSpan(*arrival).subspan(1));
  }
  while (std::optional<std::vector<uint8_t>> arrival = to_peer_.PollArrival(clock.Now())) {
    peer.HandleDatagram(clock.Now(), peer_addresses_[arrival->front()],
                        absl::MakeConstSpan(*arrival).subspan(1));
    TakePeerOutputs();
  }
}

void TransportPair::Inject(const SocketAddress& from, absl::Span<const uint8_t> datagram) {
  // As the media thread routes.
  const ice::Path path{.remote = from};
  std::optional<transport::TransportId> found = table.FindPath(path);
  if (!found) {
    if (const std::optional<std::string_view> ufrag = ice::LocalUfragOf(datagram)) {
      found = table.FindUfrag(*ufrag);
    }
  }
  if (!found) {
    ++unroutable;
    return;
  }
  SFU_CHECK(*found == kId);
  transport->HandleDatagram(clock.Now(), path, Packet(datagram), transport_outputs);
  FlushTransport();
}

void TransportPair::FlushTransport() {
  while (transport->has_pending()) {
    batch_.Clear();
    transport->Flush(clock.Now(), batch_);
    for (const transport::DatagramBatch::Entry& entry : batch_.entries()) {
      ++datagrams_sent;
      std::vector<uint8_t> bytes = {IndexOf(entry.path.remote)};
      const absl::Span<const uint8_t> datagram = batch_.BytesOf(entry);
      bytes.insert(bytes.end(), datagram.begin(), datagram.end());
      to_peer_.Send(clock.Now(), bytes);
    }
  }
}

void TransportPair::TakePeerOutputs() {
  while (std::optional<VirtualPeer::Output> output = peer.PollOutput()) {
    if (const auto* datagram = std::get_if<VirtualPeer::Datagram>(&*output)) {
      std::vector<uint8_t> bytes = {IndexOf(datagram->from)};
      bytes.insert(bytes.end(), datagram->bytes.begin(), datagram->bytes.end());
      to_transport_.Send(clock.Now(), bytes);
    } else {
      peer_outputs.push_back(*std::move(output));
    }
  }
}

Timestamp TransportPair::NextEvent() const {
  return std::min(std::min(transport->NextTimeout(), peer.NextTimeout()),
                  std::min(to_transport_.NextTimeout(), to_peer_.NextTimeout()));
}

std::vector<transport::TransportState> TransportPair::States() const {
  std::vector<transport::TransportState> states;
  for (const auto& change : TransportOutputsOf<transport::StateChanged>()) {
    states.push_back(change.state);
  }
  return states;
}

void TransportPair::ClearOutputs() {
  transport_outputs.clear();
  peer_outputs.clear();
}

uint8_t TransportPair::IndexOf(const SocketAddress& address) {
  const auto found = std::find(peer_addresses_.begin(), peer_addresses_.end(), address);
  if (found == peer_addresses_.end()) {
    peer_addresses_.push_back(address);
    return static_cast<uint8_t>(peer_addresses_.size() - 1);
  }
  return static_cast<uint8_t>(found - peer_addresses_.begin());
}

SocketAddress TransportPair::PeerAddress(uint8_t last_octet) {
  return SocketAddress::V4({192, 0, 2, last_octet}, 40'000);
}

SocketAddress TransportPair::ServerAddress() { return SocketAddress::V4({198, 51, 100, 1}, 7882); }

}  // namespace sfu
