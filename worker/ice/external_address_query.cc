#include "worker/ice/external_address_query.h"

#include <algorithm>
#include <utility>

#include "worker/ice/stun_wire.h"

namespace sfu::ice {
namespace {

constexpr absl::Duration kFirstRetransmission = absl::Milliseconds(500);  // RFC 8489 §6.2.1: RTO.

// An address that nobody can be reached at would only be passed on to clients.
bool IsUsable(const SocketAddress& address) {
  return std::any_of(address.ip().begin(), address.ip().end(),
                     [](uint8_t octet) { return octet != 0; });
}

}  // namespace

ExternalAddressQuery::ExternalAddressQuery(Timestamp now, absl::Span<const SocketAddress> servers,
                                           Random& random)
    : deadline_(now + kLimit),
      next_send_(now + kFirstRetransmission),
      retransmission_interval_(kFirstRetransmission) {
  for (const SocketAddress& address : servers.subspan(0, kMaxServers)) {
    Server& server = servers_.emplace_back();
    server.address = address;
    random.Fill(absl::MakeSpan(server.transaction_id));
  }
  SendAll();
}

void ExternalAddressQuery::HandleDatagram(Timestamp /*now*/, const SocketAddress& from,
                                          absl::Span<const uint8_t> bytes) {
  const std::optional<StunMessageView> message = StunMessageView::Parse(bytes);
  if (is_over() || !message || !message->is_binding() ||
      (message->has_fingerprint() && !message->FingerprintIsCorrect())) {
    return;
  }
  const auto server = std::find_if(servers_.begin(), servers_.end(), [&](const Server& candidate) {
    return candidate.address == from && candidate.transaction_id == message->transaction_id();
  });
  if (server == servers_.end()) {
    return;
  }
  const std::optional<SocketAddress> mapped = message->xor_mapped_address();
  if (message->message_class() == StunClass::kSuccess && mapped && IsUsable(*mapped) &&
      mapped->is_v4() == from.is_v4()) {
    answer_ = mapped->WithPort(0);
    outgoing_.clear();
  } else if (message->message_class() == StunClass::kSuccess ||
             message->message_class() == StunClass::kError) {
    servers_.erase(server);
  }
}

void ExternalAddressQuery::HandleTimeout(Timestamp now) {
  if (is_over()) {
    return;
  }
  if (now >= deadline_) {
    servers_.clear();
    return;
  }
  if (now >= next_send_) {
    retransmission_interval_ *= 2;
    next_send_ = now + retransmission_interval_;
    SendAll();
  }
}

std::optional<ExternalAddressQuery::Datagram> ExternalAddressQuery::PollDatagram() {
  if (outgoing_.empty()) {
    return std::nullopt;
  }
  Datagram datagram = std::move(outgoing_.front());
  outgoing_.pop_front();
  return datagram;
}

Timestamp ExternalAddressQuery::NextTimeout() const {
  return is_over() ? Timestamp::Never() : std::min(next_send_, deadline_);
}

void ExternalAddressQuery::SendAll() {
  for (const Server& server : servers_) {
    outgoing_.push_back({server.address, BuildAddressRequest(server.transaction_id)});
  }
}

}  // namespace sfu::ice
