#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include <absl/container/flat_hash_map.h>
#include <absl/functional/any_invocable.h>
#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/time/clock.h"
#include "common/time/timestamp.h"
#include "worker/ice/candidate.h"
#include "worker/ice/unknown_source_limiter.h"
#include "worker/media/mailbox.h"
#include "worker/media/media_counters.h"
#include "worker/media/media_sockets.h"
#include "worker/media/poller.h"
#include "worker/media/tcp_connections.h"
#include "worker/media/thread_exchange.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/packet_sink.h"
#include "worker/transport/transport_counters.h"
#include "worker/transport/transport_table.h"

namespace sfu::media {

// What a media thread gives the rooms that live on it. All of it outlives the sink.
struct MediaThreadContext {
  uint32_t thread_index;
  transport::TransportTable& table;
  transport::TransportCounters& transport_counters;
  rtp::PacketPool& pool;
  Random& random;
  const std::vector<ice::HostCandidate>& candidates;
};

// One thread, its sockets, its packet pool, its routing table, and the rooms that live on it. A
// pass of its loop [PERF-4]:
//
//   wait (epoll) -> read the clock -> mailbox -> what other threads have received for us -> receive
//   a batch from each ready socket and connection -> route each datagram to the sink, or to the
//   thread it is for -> due timers -> flush in chunks, sending each
//
// Shell: the only thing in the worker's media plane that waits, reads a clock and touches sockets.
class MediaThread : private transport::PathWatcher, private ThreadExchange::Participant {
 public:
  struct Options {
    uint32_t index = 0;
    size_t pool_limit_packets = 128 * 1024;  // 270 MB if ever used; grows by half a megabyte.
    size_t flush_chunk = transport::DatagramBatch::kDefaultLimit;
    size_t mailbox_limit = 64 * 1024;
    ice::UnknownSourceLimiter::Options unknown_sources = {};
    TcpConnections::Options tcp = {};
  };
  // Makes the rooms. Called once, in the constructor, before the thread runs.
  using SinkFactory =
      absl::AnyInvocable<std::unique_ptr<transport::PacketSink>(const MediaThreadContext&)>;

  // `clock` must be thread-safe; `random` is this thread's own. `exchange` is shared by all threads
  // of the worker, outlives them, and may be null where there is only one; all threads are
  // constructed before any of them is started.
  MediaThread(const Options& options, const Clock& clock, std::unique_ptr<Random> random,
              ThreadSockets sockets, SinkFactory make_sink, ThreadExchange* exchange = nullptr);
  // Stops. Nothing may call Post() any more, and other threads of the worker have been stopped. The
  // sink is destroyed by the destroying thread.
  ~MediaThread() override;
  MediaThread(const MediaThread&) = delete;
  MediaThread& operator=(const MediaThread&) = delete;

  void Start();
  // Finishes the pass and joins. Tasks posted but not run are destroyed. Idempotent.
  void Stop();

  // Runs `task` on the media thread, in the order of posting, in one of its next passes; what it
  // leaves with the transports is sent in the same pass. Any thread. False (and counted) if the
  // mailbox is full or the thread is stopping: then the task will not run.
  bool Post(Mailbox::Task task);

  // Takes over an ICE-TCP connection whose first check names a ufrag of this thread. Any thread.
  // False as for Post(): then it is closed.
  bool Adopt(AcceptedConnection connection);

  uint32_t index() const { return options_.index; }
  const MediaCounters& counters() const { return counters_; }
  const transport::TransportCounters& transport_counters() const { return transport_counters_; }
  const std::vector<ice::HostCandidate>& candidates() const { return sockets_.candidates; }
  // Share of the last second or two that was spent working, 0 to 1. Any thread.
  float load() const { return load_.load(std::memory_order_relaxed); }

 private:
  void Run();
  void RunOnce();
  void HandlePosted(Timestamp now, absl::Span<const epoll_event> events);
  void HandleEvents(Timestamp now, absl::Span<const epoll_event> events);
  void HandleUdpEvents(Timestamp now, uint32_t socket_index, uint32_t events);
  void RouteReceived(Timestamp now, uint32_t local_socket);
  void Route(Timestamp now, const ice::Path& path, rtp::PacketRef packet);
  void RouteStun(Timestamp now, const ice::Path& path, rtp::PacketRef packet);
  void HandOver(uint32_t to, const ice::Path& path, const rtp::PacketRef& packet);
  void WakeReceivers();
  void TakeHandedOver(Timestamp now);
  std::optional<uint32_t> OwnerOf(const ice::Path& path) const;
  void HandlePathAdded(const ice::Path& path) override;
  void HandlePathRemoved(const ice::Path& path) override;
  void HandleOwned(const ice::Path& path, uint32_t owner) override;
  void HandleDisowned(const ice::Path& path, uint32_t owner) override;
  bool IsReceivedElsewhere(const ice::Path& path) const;
  bool IsReceiver(uint32_t socket_index) const;
  void Flush(Timestamp now);
  void SendBatch(Timestamp now);
  void SendUdp(uint32_t socket_index, absl::Span<const transport::DatagramBatch::Entry> entries);
  void AccountTime(Timestamp woken, Timestamp done);

  const Options options_;
  const Clock& clock_;
  const std::unique_ptr<Random> random_;

  MediaCounters counters_;
  transport::TransportCounters transport_counters_;
  rtp::PacketPool pool_;
  ThreadSockets sockets_;  // Hold packets of the pool.
  transport::TransportTable table_{this};
  ThreadExchange* const exchange_;
  // Which other thread datagrams are for that come in here. Each path in it has been authenticated
  // by its owner, who says when it ends.
  absl::flat_hash_map<ice::Path, uint32_t> owners_;
  std::vector<bool> to_wake_;  // By thread: has been handed something in this pass.
  ice::UnknownSourceLimiter unknown_sources_;
  transport::DatagramBatch batch_;
  std::vector<ReceivedDatagram> received_;
  Poller poller_;
  TcpConnections tcp_;
  Mailbox mailbox_;
  std::unique_ptr<transport::PacketSink> sink_;  // May refer to all of the above.

  std::vector<bool> watches_writable_;  // By socket.

  Timestamp load_window_start_;
  absl::Duration load_window_busy_;
  std::atomic<float> load_ = 0;
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

}  // namespace sfu::media
