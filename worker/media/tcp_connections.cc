#include "worker/media/tcp_connections.h"

#include <algorithm>
#include <utility>

namespace sfu::media {
namespace {

// One read: some 50 packets of video, and no more, for others have their turn too.
constexpr size_t kReadBytes = 64 * 1024;
constexpr absl::Duration kSweepInterval = absl::Seconds(1);

}  // namespace

TcpConnections::TcpConnections(const Options& options, Poller& poller, rtp::PacketPool& pool,
                               TcpCounters& counters)
    : options_(options), poller_(poller), pool_(pool), counters_(counters) {}

TcpConnections::~TcpConnections() = default;

uint32_t TcpConnections::Add(Timestamp now, AcceptedConnection accepted,
                             std::vector<ReceivedDatagram>& packets) {
  const uint32_t number = next_number_;
  // After two thousand million of them the first ones are long gone.
  next_number_ = number == UINT32_MAX ? kFirstNumber : number + 1;
  if (connections_.size() >= options_.limit || connections_.contains(number)) {
    counters_.closed_limit.Add();
    return number;
  }
  counters_.opened.Add();
  auto connection = std::make_unique<TcpConnection>(std::move(accepted));
  if (!connection->TakeReceived(pool_, packets, counters_)) {
    return number;
  }
  scratch_.resize(kReadBytes);
  poller_.Watch(connection->descriptor(), number, EPOLLIN);
  connections_.emplace(number, Entry{std::move(connection), now});
  next_sweep_ = std::min(next_sweep_, now + kSweepInterval);
  return number;
}

void TcpConnections::HandleEvents(Timestamp now, uint32_t number, uint32_t events,
                                  std::vector<ReceivedDatagram>& packets) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) {
    return;  // Closed earlier in this pass.
  }
  Entry& entry = found->second;
  const bool writable = (events & EPOLLOUT) != 0;
  const bool readable = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
  if ((writable && !entry.connection->FlushBacklog(now, counters_)) ||
      (readable &&
       !entry.connection->Receive(absl::MakeSpan(scratch_), pool_, packets, counters_))) {
    connections_.erase(found);
    return;
  }
  Rewatch(number, entry);
}

void TcpConnections::Send(Timestamp now, uint32_t number, const transport::DatagramBatch& batch,
                          absl::Span<const transport::DatagramBatch::Entry> entries) {
  const auto found = connections_.find(number);
  if (found == connections_.end()) {
    counters_.unsent_no_connection.Add(entries.size());
    return;
  }
  if (!found->second.connection->Send(now, batch, entries, counters_)) {
    connections_.erase(found);
    return;
  }
  Rewatch(number, found->second);
}

void TcpConnections::Rewatch(uint32_t number, Entry& entry) {
  const bool backlog = entry.connection->has_backlog();
  if (std::exchange(entry.watches_writable, backlog) != backlog) {
    poller_.Watch(entry.connection->descriptor(), number, backlog ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void TcpConnections::HandleTimeout(Timestamp now, const transport::TransportTable& table) {
  absl::erase_if(connections_, [&](auto& numbered) {
    auto& [number, entry] = numbered;
    if (table.FindPath({.remote = entry.connection->remote(), .local_socket = number})) {
      entry.last_used = now;
    }
    const bool unused = now - entry.last_used >= options_.unused_limit;
    counters_.closed_unused.Add(unused ? 1 : 0);
    return unused;
  });
  next_sweep_ = connections_.empty() ? Timestamp::Never() : now + kSweepInterval;
}

}  // namespace sfu::media
