#include "worker/media/media_thread.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>
#include <pthread.h>
#include <signal.h>

#include "common/base/check.h"
#include "worker/ice/credentials.h"
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
                         ThreadSockets sockets, SinkFactory make_sink, ThreadExchange* exchange)
    : options_(options),
      clock_(clock),
      random_(std::move(random)),
      pool_(options.pool_limit_packets),
      sockets_(std::move(sockets)),
      exchange_(exchange),
      to_wake_(exchange == nullptr ? 0 : exchange->threads(), false),
      unknown_sources_(*random_, options.unknown_sources),
      batch_(options.flush_chunk),
      tcp_(options.tcp, poller_, pool_, counters_.tcp),
      mailbox_(options.mailbox_limit),
      watches_writable_(sockets_.sockets.size(), false),
      load_window_start_(clock.Now()) {
  poller_.Watch(mailbox_.descriptor(), kMailboxToken, EPOLLIN);
  for (uint32_t i = 0; i < sockets_.sockets.size(); ++i) {
    if (IsReceiver(i)) {
      poller_.Watch(sockets_.sockets[i].socket->descriptor(), i, EPOLLIN);
    }
  }
  if (exchange_ != nullptr) {
    exchange_->Attach(options_.index, mailbox_, *this);
  }
  sink_ = make_sink(MediaThreadContext{.thread_index = options_.index,
                                       .table = table_,
                                       .transport_counters = transport_counters_,
                                       .pool = pool_,
                                       .random = *random_,
                                       .candidates = sockets_.candidates});
  SFU_CHECK(sink_ != nullptr);
}

MediaThread::~MediaThread() {
  Stop();
  if (exchange_ != nullptr) {
    exchange_->Detach(options_.index);
  }
}

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
  HandlePosted(now, events);
  HandleEvents(now, events);
  if (sink_->NextTimeout() <= now) {
    sink_->HandleTimeout(now);
  }
  if (tcp_.NextTimeout() <= now) {
    tcp_.HandleTimeout(now, table_);
  }
  Flush(now);
  AccountTime(now, clock_.Now());
}

// Before the sockets: what has been said (by a controller, by another thread) before a datagram
// came in is known when it is routed.
void MediaThread::HandlePosted(Timestamp now, absl::Span<const epoll_event> events) {
  const bool posted = std::any_of(events.begin(), events.end(), [](const epoll_event& event) {
    return event.data.u64 == kMailboxToken;
  });
  if (posted) {
    mailbox_.RunAll(now);
    TakeHandedOver(now);  // After the mailbox: what comes from now on wakes us again.
  }
}

void MediaThread::HandleEvents(Timestamp now, absl::Span<const epoll_event> events) {
  for (const epoll_event& event : events) {
    if (event.data.u64 == kMailboxToken) {
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
  UdpSocket& socket = *sockets_.sockets[socket_index].socket;
  if ((events & EPOLLOUT) != 0) {
    socket.FlushBacklog(counters_.sockets);
  }
  if ((events & (EPOLLIN | EPOLLERR)) != 0 && IsReceiver(socket_index)) {
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
  WakeReceivers();
}

void MediaThread::Route(Timestamp now, const ice::Path& path, rtp::PacketRef packet) {
  // From an unknown path only a connectivity check is of interest [MUX-1]; and a check's ufrag says
  // more about whom it is for than its path does, which may have been somebody else's before.
  if (transport::Classify(packet.bytes()) == transport::DatagramKind::kStun) {
    RouteStun(now, path, std::move(packet));
  } else if (const std::optional<transport::TransportId> known = table_.FindPath(path)) {
    sink_->HandleDatagram(now, *known, path, std::move(packet));
  } else if (const std::optional<uint32_t> owner = OwnerOf(path)) {
    HandOver(*owner, path, packet);
  } else {
    counters_.dropped_unknown_transport.Add();
  }
}

// A stranger does not know our ufrags: only who names one may cost us an HMAC, and that within a
// budget [MUX-5]. On its known path a transport polices itself.
void MediaThread::RouteStun(Timestamp now, const ice::Path& path, rtp::PacketRef packet) {
  const std::optional<transport::TransportId> known = table_.FindPath(path);
  const std::optional<uint32_t> owner = known ? std::nullopt : OwnerOf(path);
  const std::optional<std::string_view> ufrag = ice::LocalUfragOf(packet.bytes());
  const std::optional<transport::TransportId> named =
      ufrag ? table_.FindUfrag(*ufrag) : std::nullopt;
  std::optional<uint32_t> thread = ufrag && !named ? ice::ThreadIndexOf(*ufrag) : std::nullopt;
  if (thread &&
      (exchange_ == nullptr || *thread >= exchange_->threads() || *thread == options_.index)) {
    thread.reset();
  }

  const bool is_new = named ? named != known : thread && thread != owner;
  if (is_new && !unknown_sources_.Allow(now, path.remote)) {
    counters_.dropped_stun_limit.Add();
  } else if (named) {
    sink_->HandleDatagram(now, *named, path, std::move(packet));
  } else if (thread) {
    HandOver(*thread, path, packet);
  } else if (known) {
    sink_->HandleDatagram(now, *known, path, std::move(packet));
  } else if (owner) {
    HandOver(*owner, path, packet);
  } else {
    (ufrag ? counters_.dropped_unknown_ufrag : counters_.dropped_not_stun_check).Add();
  }
}

void MediaThread::HandOver(uint32_t to, const ice::Path& path, const rtp::PacketRef& packet) {
  if (exchange_->Push(options_.index, to, path, packet.bytes())) {
    counters_.handed_over.Add();
    to_wake_[to] = true;
  } else {
    counters_.dropped_handover_full.Add();
  }
}

// Once for a batch: waking costs a system call.
void MediaThread::WakeReceivers() {
  for (uint32_t thread = 0; thread < to_wake_.size(); ++thread) {
    if (to_wake_[thread]) {
      to_wake_[thread] = false;
      exchange_->Wake(thread);
    }
  }
}

void MediaThread::TakeHandedOver(Timestamp now) {
  if (exchange_ == nullptr) {
    return;
  }
  exchange_->TakeAll(options_.index, [&](const ThreadExchange::Datagram& datagram) {
    if (rtp::PacketRef packet =
            pool_.Copy(absl::MakeConstSpan(datagram.bytes).first(datagram.size))) {
      Route(now, datagram.path, std::move(packet));
    } else {
      counters_.sockets.dropped_pool_exhausted.Add();
    }
  });
}

std::optional<uint32_t> MediaThread::OwnerOf(const ice::Path& path) const {
  if (owners_.empty()) {
    return std::nullopt;
  }
  const auto found = owners_.find(path);
  return found == owners_.end() ? std::nullopt : std::optional(found->second);
}

bool MediaThread::IsReceiver(uint32_t socket_index) const {
  return sockets_.sockets[socket_index].receiver == options_.index;
}

bool MediaThread::IsReceivedElsewhere(const ice::Path& path) const {
  return exchange_ != nullptr && !TcpConnections::IsConnection(path.local_socket) &&
         !IsReceiver(path.local_socket);
}

// A transport of ours has a path: the thread that receives its datagrams has to know.
void MediaThread::HandlePathAdded(const ice::Path& path) {
  if (IsReceivedElsewhere(path)) {
    exchange_->TellOwned(sockets_.sockets[path.local_socket].receiver, path, options_.index);
  } else {
    owners_.erase(path);
  }
}

void MediaThread::HandlePathRemoved(const ice::Path& path) {
  if (IsReceivedElsewhere(path)) {
    exchange_->TellDisowned(sockets_.sockets[path.local_socket].receiver, path, options_.index);
  }
}

void MediaThread::HandleOwned(const ice::Path& path, uint32_t owner) {
  table_.ForgetPath(path);
  owners_[path] = owner;
}

void MediaThread::HandleDisowned(const ice::Path& path, uint32_t owner) {
  const auto found = owners_.find(path);
  if (found != owners_.end() && found->second == owner) {
    owners_.erase(found);
  }
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
  UdpSocket& socket = *sockets_.sockets[socket_index].socket;
  socket.Send(batch_, entries, counters_.sockets);
  if (socket.has_backlog() != watches_writable_[socket_index]) {
    watches_writable_[socket_index] = socket.has_backlog();
    const uint32_t reading = IsReceiver(socket_index) ? uint32_t{EPOLLIN} : 0;
    poller_.Watch(socket.descriptor(), socket_index,
                  socket.has_backlog() ? reading | EPOLLOUT : reading);
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
