#include "worker/media/tcp_connection.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

namespace sfu::media {
namespace {

using transport::DatagramBatch;
using transport::DatagramContent;

constexpr size_t kMaxFramesPerWrite = 64;  // [TCP-6]

// What the kernel may hold that it has not even sent once. It knows nothing of lateness, so it gets
// little: a quarter of a second at 1 Mbit/s, and still only 1,000 wake-ups a second at 250.
constexpr int kNotSentLimitBytes = 32 * 1024;
// In flight: enough for 40 Mbit/s over 200 ms.
constexpr int kSendBufferBytes = 1024 * 1024;
constexpr int kUnacknowledgedLimitMs = 15'000;

struct WaitingRule {
  absl::Duration useful_for;
  size_t limit_bytes;
};

// Nullopt: not at all.
std::optional<WaitingRule> RuleFor(DatagramContent content) {
  switch (content) {
    case DatagramContent::kControl:
      return WaitingRule{absl::InfiniteDuration(), ice_tcp::SendQueue::kLimitBytes};
    case DatagramContent::kAudio:
      return WaitingRule{absl::Seconds(1), ice_tcp::SendQueue::kLimitBytes * 7 / 8};
    case DatagramContent::kVideo:
      return WaitingRule{absl::Milliseconds(200), ice_tcp::SendQueue::kLimitBytes * 3 / 4};
    case DatagramContent::kPadding:
      break;
  }
  return std::nullopt;
}

void SetOption(int descriptor, int level, int name, int value) {
  // Best effort: without one of them it is slower, not wrong.
  setsockopt(descriptor, level, name, &value, sizeof(value));
}

ssize_t Write(int descriptor, absl::Span<iovec> vectors) {
  msghdr message = {};
  message.msg_iov = vectors.data();
  message.msg_iovlen = vectors.size();
  ssize_t written = 0;
  do {
    written = sendmsg(descriptor, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  } while (written < 0 && errno == EINTR);
  return written;
}

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK; }

iovec VectorOf(absl::Span<const uint8_t> bytes) {
  return {const_cast<uint8_t*>(bytes.data()), bytes.size()};
}

}  // namespace

TcpConnection::TcpConnection(AcceptedConnection accepted)
    : descriptor_(std::move(accepted.descriptor)),
      remote_(accepted.remote),
      received_(std::move(accepted.received)) {
  SetOption(descriptor(), IPPROTO_TCP, TCP_NODELAY, 1);
  SetOption(descriptor(), IPPROTO_TCP, TCP_NOTSENT_LOWAT, kNotSentLimitBytes);
  SetOption(descriptor(), IPPROTO_TCP, TCP_USER_TIMEOUT, kUnacknowledgedLimitMs);
  SetOption(descriptor(), SOL_SOCKET, SO_SNDBUF, kSendBufferBytes);
}

bool TcpConnection::TakeReceived(rtp::PacketPool& pool, std::vector<ReceivedDatagram>& packets,
                                 TcpCounters& counters) {
  const std::vector<uint8_t> bytes = std::exchange(received_, {});
  return Split(bytes, pool, packets, counters);
}

bool TcpConnection::Receive(absl::Span<uint8_t> scratch, rtp::PacketPool& pool,
                            std::vector<ReceivedDatagram>& packets, TcpCounters& counters) {
  const ssize_t size = recv(descriptor(), scratch.data(), scratch.size(), MSG_DONTWAIT);
  if (size < 0 && (WouldBlock() || errno == EINTR)) {
    return true;
  }
  if (size <= 0) {
    return Fail(counters);
  }
  return Split(scratch.first(static_cast<size_t>(size)), pool, packets, counters);
}

bool TcpConnection::Split(absl::Span<const uint8_t> bytes, rtp::PacketPool& pool,
                          std::vector<ReceivedDatagram>& packets, TcpCounters& counters) {
  counters.bytes_received.Add(bytes.size());
  const bool whole = reader_.Read(bytes, [&](absl::Span<const uint8_t> packet) {
    counters.packets_received.Add();
    if (packet.size() > rtp::PacketRef::kCapacity) {
      counters.dropped_oversized.Add();
      return;
    }
    if (rtp::PacketRef copy = pool.Copy(packet)) {
      packets.push_back({remote_, std::move(copy)});
    } else {
      counters.dropped_pool_exhausted.Add();
    }
  });
  if (!whole) {
    counters.closed_broken.Add();
  }
  return whole;
}

bool TcpConnection::Fail(TcpCounters& counters) {
  counters.closed_by_peer.Add();
  return false;
}

bool TcpConnection::Send(Timestamp now, const DatagramBatch& batch, Entries entries,
                         TcpCounters& counters) {
  if (queue_.empty() && !SendAtOnce(batch, entries, counters)) {
    return false;
  }
  for (const DatagramBatch::Entry& entry : entries) {
    Queue(now, batch.BytesOf(entry), entry.content, counters);
  }
  return true;
}

bool TcpConnection::SendAtOnce(const DatagramBatch& batch, Entries& entries,
                               TcpCounters& counters) {
  while (!entries.empty() && queue_.empty()) {
    const Entries chunk = entries.first(std::min(entries.size(), kMaxFramesPerWrite));
    std::array<std::array<uint8_t, ice_tcp::kLengthBytes>, kMaxFramesPerWrite> lengths;
    std::array<iovec, 2 * kMaxFramesPerWrite> vectors;
    for (size_t i = 0; i < chunk.size(); ++i) {
      const absl::Span<const uint8_t> packet = batch.BytesOf(chunk[i]);
      lengths[i] = {static_cast<uint8_t>(packet.size() >> 8), static_cast<uint8_t>(packet.size())};
      vectors[2 * i] = VectorOf(lengths[i]);
      vectors[2 * i + 1] = VectorOf(packet);
    }
    const ssize_t result = Write(descriptor(), absl::MakeSpan(vectors).first(2 * chunk.size()));
    if (result < 0) {
      return WouldBlock() || Fail(counters);
    }
    counters.bytes_sent.Add(static_cast<uint64_t>(result));
    size_t written = static_cast<size_t>(result);
    for (const DatagramBatch::Entry& entry : chunk) {
      const size_t frame_size = ice_tcp::kLengthBytes + entry.size_bytes;
      if (written == 0) {
        return true;
      }
      if (written < frame_size) {
        queue_.PushRest(batch.BytesOf(entry), frame_size - written);
      }
      written -= std::min(written, frame_size);
      counters.packets_sent.Add();
      entries.remove_prefix(1);
    }
  }
  return true;
}

void TcpConnection::Queue(Timestamp now, absl::Span<const uint8_t> packet, DatagramContent content,
                          TcpCounters& counters) {
  const std::optional<WaitingRule> rule = RuleFor(content);
  if (!rule) {
    counters.unsent_late.Add();
    return;
  }
  const Timestamp expires = now + rule->useful_for;
  if (queue_.Push(packet, expires, rule->limit_bytes)) {
    return;
  }
  counters.unsent_late.Add(queue_.DropLate(now));
  if (!queue_.Push(packet, expires, rule->limit_bytes)) {
    counters.unsent_queue_full.Add();
  }
}

bool TcpConnection::FlushBacklog(Timestamp now, TcpCounters& counters) {
  counters.unsent_late.Add(queue_.DropLate(now));
  while (!queue_.empty()) {
    std::array<iovec, kMaxFramesPerWrite> vectors;
    const size_t count = std::min(queue_.size(), vectors.size());
    for (size_t i = 0; i < count; ++i) {
      vectors[i] = VectorOf(queue_.BytesOf(i));
    }
    const ssize_t written = Write(descriptor(), absl::MakeSpan(vectors).first(count));
    if (written < 0) {
      return WouldBlock() || Fail(counters);
    }
    const size_t before = queue_.size();
    queue_.Consume(static_cast<size_t>(written));
    counters.bytes_sent.Add(static_cast<uint64_t>(written));
    counters.packets_sent.Add(before - queue_.size());
  }
  return true;
}

}  // namespace sfu::media
