#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/time/timestamp.h"
#include "worker/media/poller.h"
#include "worker/media/tcp_connection.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/transport_table.h"

namespace sfu::media {

// The ICE-TCP connections of one media thread. Each is a local socket of its own (ice::Path), with
// a number that is never given again.
//
// A connection must belong to a transport: one whose path no transport has validated for
// Options::unused_limit is closed, be it that the peer could not prove itself, that the transport
// has ended, or that it has better paths. A transport keeps few paths, so no client can hold many
// connections. The other way round nothing is told: the peer of a broken connection connects again
// and is recognised by its next check, and until then the transport's silence is dealt with as on
// UDP.
//
// Shell: lives on its media thread.
class TcpConnections {
 public:
  static constexpr uint32_t kFirstNumber = uint32_t{1} << 31;  // Below: UDP sockets.

  struct Options {
    size_t limit = 4096;
    absl::Duration unused_limit = absl::Seconds(5);  // [TCP-2]
  };

  // Everything referred to outlives this object.
  TcpConnections(const Options& options, Poller& poller, rtp::PacketPool& pool,
                 TcpCounters& counters);
  ~TcpConnections();

  static bool IsConnection(uint32_t number) { return number >= kFirstNumber; }

  // Takes the connection, watches it, and appends what has been received on it. Returns its number.
  uint32_t Add(Timestamp now, AcceptedConnection accepted, std::vector<ReceivedDatagram>& packets);

  // What the poller has reported. Appends what was received.
  void HandleEvents(Timestamp now, uint32_t number, uint32_t events,
                    std::vector<ReceivedDatagram>& packets);

  // As TcpConnection::Send(); counted if the connection is no more.
  void Send(Timestamp now, uint32_t number, const transport::DatagramBatch& batch,
            absl::Span<const transport::DatagramBatch::Entry> entries);

  // Closes what `table` has not known for too long.
  void HandleTimeout(Timestamp now, const transport::TransportTable& table);
  Timestamp NextTimeout() const { return next_sweep_; }

  size_t size() const { return connections_.size(); }

 private:
  struct Entry {
    std::unique_ptr<TcpConnection> connection;
    Timestamp last_used;
    bool watches_writable = false;
  };

  void Rewatch(uint32_t number, Entry& entry);

  const Options options_;
  Poller& poller_;
  rtp::PacketPool& pool_;
  TcpCounters& counters_;
  absl::flat_hash_map<uint32_t, Entry> connections_;
  uint32_t next_number_ = kFirstNumber;
  Timestamp next_sweep_ = Timestamp::Never();
  std::vector<uint8_t> scratch_;
};

}  // namespace sfu::media
