#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <vector>

#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/net/socket_address.h"
#include "common/time/timestamp.h"
#include "worker/ice/stun_message.h"

namespace sfu::ice {

// Asks STUN servers at which address one local socket is seen from outside: a client's Binding
// transactions (RFC 8489 §6.2.1), one per server and all at once; the first answer counts. Reads no
// clock and owns no socket.
class ExternalAddressQuery {
 public:
  struct Datagram {
    SocketAddress to;
    StunBytes bytes;
  };
  static constexpr size_t kMaxServers = 8;  // More are not asked.
  static constexpr absl::Duration kLimit = absl::Seconds(5);

  // `servers` are of the socket's family. Without any it is over, unanswered.
  ExternalAddressQuery(Timestamp now, absl::Span<const SocketAddress> servers, Random& random);

  // Whatever the socket receives. Only a success response with the id and from the server of one of
  // the transactions counts (96 random bits); an error response ends its transaction.
  void HandleDatagram(Timestamp now, const SocketAddress& from, absl::Span<const uint8_t> bytes);
  void HandleTimeout(Timestamp now);
  std::optional<Datagram> PollDatagram();  // Take until empty after every Handle…() and at first.
  Timestamp NextTimeout() const;           // Never() once it is over.

  // Over when there is an answer, when no server is left, and at the latest after `kLimit`.
  bool is_over() const { return servers_.empty() || answer_.has_value(); }
  const std::optional<SocketAddress>& answer() const { return answer_; }  // Port 0.

 private:
  struct Server {
    SocketAddress address;
    StunTransactionId transaction_id;
  };

  void SendAll();

  const Timestamp deadline_;
  Timestamp next_send_;
  absl::Duration retransmission_interval_;
  std::vector<Server> servers_;  // Those that may still answer.
  std::deque<Datagram> outgoing_;
  std::optional<SocketAddress> answer_;
};

}  // namespace sfu::ice
