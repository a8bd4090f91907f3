#include "worker/media/media_thread.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include "common/base/check.h"
#include "worker/ice/stun_message.h"
#include "worker/transport/demux.h"

namespace sfu::media {
namespace {

constexpr uint64_t kMailboxToken = ~uint64_t{0};
constexpr absl::Duration kSlowPass = absl::Milliseconds(5);
constexpr absl::Duration kLoadWindow = absl::Seconds(1);
void PrepareThread(uint32_t index) {
  pthread_setname_np(pthread_self(), fmt::format("media-{}", index).c_str());
  // Signals are for the main thread.
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

}  // namespace

MediaThread::MediaThread(const Options& options, const Clock& clock, std::unique_ptr<Random> random,
                         ThreadSockets sockets, SinkFactory make_sink)
    : options_(options),
      clock_(clock),
      random_(std::move(random)),
      pool_(options.pool_limit_packets),
      sockets_(std::move(sockets)),
      unknown_sources_(*random_, options.unknown_sources),
      batch_(options.flush_chunk),
      tcp_(options.tcp, poller_, pool_, counters_.tcp),
      mailbox_(options.mailbox_limit),
      watches_writable_(sockets_.sockets.size(), false),
      load_window_start_(clock.Now()) {
  poller_.Watch(mailbox_.descriptor(), kMailboxToken, EPOLLIN);
  for (size_t i = 0; i < sockets_.sockets.size(); ++i) {
    poller_.Watch(sockets_.sockets[i]->descriptor(), i, EPOLLIN);
  }
  sink_ = make_sink(MediaThreadContext{.thread_index = options_.index,
                                       .table = table_,
                                       .transport_counters = transport_counters_,
                                       .pool = pool_,
                                       .random = *random_,
                                       .candidates = sockets_.candidates});
  SFU_CHECK(sink_ != nullptr);
}

MediaThread::~MediaThread() { Stop(); }

void MediaThread::Start() {
  SFU_CHECK(!thread_.joinable());
  thread_ = std::thread([this] { Run(); });
}

void MediaThread::Stop() {
  stopping_.store(true, std::memory_order_relaxed);
  mailbox_.Wake();
  if (thread_.joinable()) {
    thread_.join();
  }
  mailbox_.Close();
}

bool MediaThread::Post(Mailbox::Task task) { return mailbox_.Post(std::move(task)); }

bool MediaThread::Adopt(AcceptedConnection connection) {
  return Post([this, connection = std::move(connection)](Timestamp now) mutable {
    RouteReceived(now, tcp_.Add(now, std::move(connection), received_));
  });
}

void MediaThread::Run() {
  PrepareThread(options_.index);
  while (!stopping_.load(std::memory_order_relaxed)) {
    RunOnce();
  }
}

void MediaThread::RunOnce() {
  const absl::Span<const epoll_event> events =
      poller_.Wait(clock_.Now(), std::min(sink_->NextTimeout(), tcp_.NextTimeout()));

  const Timestamp now = clock_.Now();  // For the whole pass.
  HandleEvents(now, events);
  if (sink_->NextTimeout() <= now) {
    sink_->HandleTimeout(now);
  }
  if (tcp_.NextTimeout() <= now) {
    tcp_.HandleTimeout(now, table_);
  }
  if (std::exchange(mailbox_ready_, false)) {
    mailbox_.RunAll(now);
  }
  Flush(now);
  AccountTime(now, clock_.Now());
}

void MediaThread::HandleEvents(Timestamp now, absl::Span<const epoll_event> events) {
  for (const epoll_event& event : events) {
    if (event.data.u64 == kMailboxToken) {
      mailbox_ready_ = true;
      continue;
    }
    const uint32_t number = static_cast<uint32_t>(event.data.u64);
    if (TcpConnections::IsConnection(number)) {
      tcp_.HandleEvents(now, number, event.events, received_);
      RouteReceived(now, number);
    } else {
      HandleUdpEvents(now, number, event.events);
    }
  }
}

// One batch: what is left wakes us again at once, after everybody else had a turn.
void MediaThread::HandleUdpEvents(Timestamp now, uint32_t socket_index, uint32_t events) {
  UdpSocket& socket = *sockets_.sockets[socket_index];
  if ((events & EPOLLOUT) != 0) {
    socket.FlushBacklog(counters_.sockets);
  }
  if ((events & (EPOLLIN | EPOLLERR)) != 0) {
    socket.Receive(pool_, received_, counters_.sockets);
    RouteReceived(now, socket_index);
  }
}

void MediaThread::RouteReceived(Timestamp now, uint32_t local_socket) {
  for (ReceivedDatagram& datagram : received_) {
    Route(now, {.remote = datagram.remote, .local_socket = local_socket},
          std::move(datagram.packet));
  }
  received_.clear();
}

void MediaThread::Route(Timestamp now, const ice::Path& path, rtp::PacketRef packet) {
  if (const std::optional<transport::TransportId> known = table_.FindPath(path)) {
    sink_->HandleDatagram(now, *known, path, std::move(packet));
    return;
  }
  // From an unknown path only a connectivity check is of interest [MUX-1], and a stranger does not
  // know our ufrags: only who names one may cost us an HMAC, and that within a budget [MUX-5].
  if (transport::Classify(packet.bytes()) != transport::DatagramKind::kStun) {
    counters_.dropped_unknown_transport.Add();
    return;
  }
  const std::optional<std::string_view> ufrag = ice::LocalUfragOf(packet.bytes());
  if (!ufrag) {
    counters_.dropped_not_stun_check.Add();
    return;
  }
  const std::optional<transport::TransportId> named = table_.FindUfrag(*ufrag);
  if (!named) {
    counters_.dropped_unknown_ufrag.Add();
    return;
  }
  if (!unknown_sources_.Allow(now, path.remote)) {
    counters_.dropped_stun_limit.Add();
    return;
  }
  sink_->HandleDatagram(now, *named, path, std::move(packet));
}

void MediaThread::Flush(Timestamp now) {
  bool more = true;
  while (more) {
    more = sink_->Flush(now, batch_);
    SFU_CHECK(!more || batch_.full());  // Or it might ask for ever.
    SendBatch(now);
    batch_.Clear();
  }
}

// Hands each run of datagrams that leave by the same socket to that socket.
void MediaThread::SendBatch(Timestamp now) {
  absl::Span<const transport::DatagramBatch::Entry> rest = batch_.entries();
  while (!rest.empty()) {
    const uint32_t number = rest.front().path.local_socket;
    const auto end = std::find_if(rest.begin(), rest.end(), [&](const auto& entry) {
      return entry.path.local_socket != number;
    });
    const size_t count = static_cast<size_t>(end - rest.begin());
    if (TcpConnections::IsConnection(number)) {
      tcp_.Send(now, number, batch_, rest.first(count));
    } else {
      SendUdp(number, rest.first(count));
    }
    rest.remove_prefix(count);
  }
}

void MediaThread::SendUdp(uint32_t socket_index,
                          absl::Span<const transport::DatagramBatch::Entry> entries) {
  UdpSocket& socket = *sockets_.sockets[socket_index];
  socket.Send(batch_, entries, counters_.sockets);
  if (socket.has_backlog() != watches_writable_[socket_index]) {
    watches_writable_[socket_index] = socket.has_backlog();
    poller_.Watch(socket.descriptor(), socket_index,
                  socket.has_backlog() ? EPOLLIN | EPOLLOUT : EPOLLIN);
  }
}

void MediaThread::AccountTime(Timestamp woken, Timestamp done) {
  const absl::Duration busy = done - woken;
  counters_.passes.Add();
  counters_.slow_passes.Add(busy > kSlowPass ? 1 : 0);
  counters_.busy_microseconds.Add(static_cast<uint64_t>(absl::ToInt64Microseconds(busy)));

  load_window_busy_ += busy;
  const absl::Duration window = done - load_window_start_;
  if (window >= kLoadWindow) {
    load_.store(static_cast<float>(absl::FDivDuration(load_window_busy_, window)),
                std::memory_order_relaxed);
    load_window_start_ = done;
    load_window_busy_ = absl::ZeroDuration();
  }
}

}  // namespace sfu::media
