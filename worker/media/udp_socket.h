#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include <absl/status/statusor.h>
#include <absl/types/span.h>

#include "common/metrics/counter.h"
#include "common/net/socket_address.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/transport/datagram_batch.h"

namespace sfu::media {

// What one media thread's sockets count. Written by that thread only.
struct SocketCounters {
  Counter datagrams_received;
  Counter bytes_received;
  Counter dropped_oversized;       // Larger than a pool buffer.
  Counter dropped_pool_exhausted;  // Read and thrown away for want of a buffer.
  Counter datagrams_sent;
  Counter bytes_sent;
  Counter send_calls;          // sendmmsg() calls.
  Counter segmented_sends;     // Messages that carried more than one datagram.
  Counter unsent_would_block;  // The socket's buffer was full, and so was the backlog.
  Counter unsent_error;        // Refused by the kernel: no route, no permission, too large.
  Counter segmentation_disabled;
};

struct ReceivedDatagram {
  SocketAddress remote;
  rtp::PacketRef packet;
};

// A non-blocking UDP socket bound to one local address, so that an answer leaves from where the
// question came in without asking the kernel per packet. Reads and writes in batches; consecutive
// equal-sized datagrams to one destination leave as one segmented send (UDP_SEGMENT) [PERF-20].
//
// Shell: lives on one media thread once bound.
class UdpSocket {
 public:
  static constexpr size_t kMaxReceiveBatch = 64;
  static constexpr size_t kMaxSendBatch = 64;  // Messages of one sendmmsg() call.
  // Linux: 64 since 4.18, 128 since 6.9; and all segments together fit one IP packet.
  static constexpr size_t kMaxSegments = 64;
  static constexpr size_t kMaxSegmentedBytes = 65'000;

  struct Options {
    int buffer_bytes = 16 * 1024 * 1024;  // Of each direction, best effort [PERF-7].
    bool segmentation = true;             // Try UDP_SEGMENT.
  };

  // `local` with port 0 takes any free port. Fails with the operator's words.
  static absl::StatusOr<std::unique_ptr<UdpSocket>> Bind(const SocketAddress& local,
                                                         const Options& options);

  // The same socket for another thread, to send by at the same time. (It could receive as well, but
  // each datagram arrives only once.)
  std::unique_ptr<UdpSocket> Duplicate() const;

  ~UdpSocket();
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  int descriptor() const { return descriptor_; }
  const SocketAddress& local_address() const { return local_; }
  // As granted, which is what to warn about when it is small.
  int receive_buffer_bytes() const { return receive_buffer_bytes_; }

  // Appends up to kMaxReceiveBatch datagrams. Returns true when there may be more.
  bool Receive(rtp::PacketPool& pool, std::vector<ReceivedDatagram>& datagrams,
               SocketCounters& counters);

  // Sends `entries` of `batch`, all of which name this socket, in order. What the kernel does not
  // take now because its buffer is full goes to a small backlog (copied; see has_backlog()), and
  // what does not fit there is dropped and counted: media that waits is media that is late.
  void Send(const transport::DatagramBatch& batch,
            absl::Span<const transport::DatagramBatch::Entry> entries, SocketCounters& counters);

  // While true the owner waits for the socket to become writable and calls FlushBacklog().
  bool has_backlog() const { return !backlog_.empty(); }
  void FlushBacklog(SocketCounters& counters);

 private:
  struct ReceiveArrays;  // What recvmmsg() and sendmmsg() read and write, kept between calls.
  struct SendArrays;
  using Entries = absl::Span<const transport::DatagramBatch::Entry>;

  UdpSocket(int descriptor, const SocketAddress& local, bool segmentation);

  void DiscardOne(SocketCounters& counters);
  // Returns how many entries are done with, sent or given up; the rest would block.
  size_t TrySend(const transport::DatagramBatch& batch, Entries entries, SocketCounters& counters);
  // Describes as many entries as one sendmmsg() call takes.
  void Prepare(const transport::DatagramBatch& batch, Entries entries);
  void AddToBacklog(const transport::DatagramBatch& batch, Entries entries,
                    SocketCounters& counters);

  const int descriptor_;
  const SocketAddress local_;
  int receive_buffer_bytes_ = 0;
  bool segmentation_;
  const std::unique_ptr<ReceiveArrays> receive_;
  const std::unique_ptr<SendArrays> send_;
  transport::DatagramBatch backlog_;
  size_t backlog_next_ = 0;  // Entries before it have left.
};

}  // namespace sfu::media
