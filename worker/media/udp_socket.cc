#include "worker/media/udp_socket.h"

#include <algorithm>
#include <utility>

#include <absl/status/status.h>
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "common/base/check.h"

namespace sfu::media {
namespace {

union SocketAddressBytes {
  sockaddr any;
  sockaddr_in v4;
  sockaddr_in6 v6;
};

socklen_t ToKernel(const SocketAddress& address, SocketAddressBytes& bytes) {
  if (address.is_v4()) {
    bytes.v4 = {};
    bytes.v4.sin_family = AF_INET;
    bytes.v4.sin_port = htons(address.port());
    memcpy(&bytes.v4.sin_addr, address.ip().data(), 4);
    return sizeof(bytes.v4);
  }
  bytes.v6 = {};
  bytes.v6.sin6_family = AF_INET6;
  bytes.v6.sin6_port = htons(address.port());
  memcpy(&bytes.v6.sin6_addr, address.ip().data(), 16);
  return sizeof(bytes.v6);
}

SocketAddress FromKernel(const SocketAddressBytes& bytes) {
  if (bytes.any.sa_family == AF_INET) {
    std::array<uint8_t, 4> octets;
    memcpy(octets.data(), &bytes.v4.sin_addr, 4);
    return SocketAddress::V4(octets, ntohs(bytes.v4.sin_port));
  }
  std::array<uint8_t, 16> octets;
  memcpy(octets.data(), &bytes.v6.sin6_addr, 16);
  return SocketAddress::V6(octets, ntohs(bytes.v6.sin6_port));
}

void SetOption(int descriptor, int level, int name, int value) {
  // Best effort throughout: what matters is checked by its effect.
  setsockopt(descriptor, level, name, &value, sizeof(value));
}

// The privileged form ignores net.core.rmem_max; without the privilege it changes nothing.
void SetBuffer(int descriptor, int name, int forced_name, int bytes) {
  SetOption(descriptor, SOL_SOCKET, name, bytes);
  SetOption(descriptor, SOL_SOCKET, forced_name, bytes);
}

int GrantedBuffer(int descriptor, int name) {
  int bytes = 0;
  socklen_t size = sizeof(bytes);
  getsockopt(descriptor, SOL_SOCKET, name, &bytes, &size);
  return bytes / 2;  // The kernel doubles what it was asked for, for its own bookkeeping.
}

absl::Status Failure(std::string_view what, int error) {
  return absl::UnavailableError(fmt::format("{}: {}", what, strerror(error)));
}

}  // namespace

struct UdpSocket::ReceiveArrays {
  // Buffers wait here between calls, so that a call allocates only what the last one used up.
  std::array<rtp::PacketRef, kMaxReceiveBatch> packets;
  std::array<SocketAddressBytes, kMaxReceiveBatch> addresses;
  std::array<iovec, kMaxReceiveBatch> vectors;
  std::array<mmsghdr, kMaxReceiveBatch> messages;
};

struct UdpSocket::SendArrays {
  union Control {
    cmsghdr align;
    char bytes[CMSG_SPACE(sizeof(uint16_t))];
  };
  std::array<SocketAddressBytes, kMaxSendBatch> addresses;
  std::array<iovec, kMaxSendBatch> vectors;
  std::array<Control, kMaxSendBatch> controls;
  std::array<mmsghdr, kMaxSendBatch> messages;
  std::array<size_t, kMaxSendBatch> segments;  // Of each message.
  size_t count = 0;

  // `size` bytes in `segment_count` segments of `segment_size`, the last of which may be shorter.
  void Add(const SocketAddress& remote, const uint8_t* data, size_t size, size_t segment_count,
           size_t segment_size) {
    mmsghdr& message = messages[count];
    message = {};
    message.msg_hdr.msg_name = &addresses[count];
    message.msg_hdr.msg_namelen = ToKernel(remote, addresses[count]);
    vectors[count] = {const_cast<uint8_t*>(data), size};
    message.msg_hdr.msg_iov = &vectors[count];
    message.msg_hdr.msg_iovlen = 1;
    if (segment_count > 1) {
      message.msg_hdr.msg_control = controls[count].bytes;
      message.msg_hdr.msg_controllen = sizeof(controls[count].bytes);
      cmsghdr* const header = CMSG_FIRSTHDR(&message.msg_hdr);
      header->cmsg_level = SOL_UDP;
      header->cmsg_type = UDP_SEGMENT;
      header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
      const uint16_t value = static_cast<uint16_t>(segment_size);
      memcpy(CMSG_DATA(header), &value, sizeof(value));
    }
    segments[count] = segment_count;
    ++count;
  }
};

absl::StatusOr<std::unique_ptr<UdpSocket>> UdpSocket::Bind(const SocketAddress& local,
                                                           const Options& options) {
  const int descriptor =
      socket(local.is_v4() ? AF_INET : AF_INET6, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) {
    return Failure("cannot create a UDP socket", errno);
  }
  if (local.is_v4()) {
    // Neither "do not fragment" nor belief in ICMP's claims about the path: a packet of ours that
    // is too large for some tunnel arrives in pieces instead of not at all [PERF-7].
    SetOption(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
  } else {
    SetOption(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    SetOption(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
  }
  SetBuffer(descriptor, SO_RCVBUF, SO_RCVBUFFORCE, options.buffer_bytes);
  SetBuffer(descriptor, SO_SNDBUF, SO_SNDBUFFORCE, options.buffer_bytes);

  SocketAddressBytes bytes;
  socklen_t size = ToKernel(local, bytes);
  if (bind(descriptor, &bytes.any, size) < 0) {
    const int error = errno;
    close(descriptor);
    return Failure(fmt::format("cannot bind UDP port {}", local.port()), error);
  }
  size = sizeof(bytes);
  SFU_CHECK(getsockname(descriptor, &bytes.any, &size) == 0);
  return std::unique_ptr<UdpSocket>(
      new UdpSocket(descriptor, FromKernel(bytes), options.segmentation));
}

std::unique_ptr<UdpSocket> UdpSocket::Duplicate() const {
  const int descriptor = fcntl(descriptor_, F_DUPFD_CLOEXEC, 0);
  SFU_CHECK(descriptor >= 0);
  return std::unique_ptr<UdpSocket>(new UdpSocket(descriptor, local_, segmentation_));
}

UdpSocket::UdpSocket(int descriptor, const SocketAddress& local, bool segmentation)
    : descriptor_(descriptor),
      local_(local),
      receive_buffer_bytes_(GrantedBuffer(descriptor, SO_RCVBUF)),
      segmentation_(segmentation),
      receive_(std::make_unique<ReceiveArrays>()),
      send_(std::make_unique<SendArrays>()) {}

UdpSocket::~UdpSocket() { close(descriptor_); }

bool UdpSocket::Receive(rtp::PacketPool& pool, std::vector<ReceivedDatagram>& datagrams,
                        SocketCounters& counters) {
  size_t count = 0;
  for (; count < kMaxReceiveBatch; ++count) {
    rtp::PacketRef& packet = receive_->packets[count];
    if (!packet) {
      packet = pool.Allocate();
      if (!packet) {
        break;
      }
    }
    const absl::Span<uint8_t> memory = packet.memory();
    receive_->vectors[count] = {memory.data(), memory.size()};
    msghdr& header = receive_->messages[count].msg_hdr;
    header = {};
    header.msg_name = &receive_->addresses[count];
    header.msg_namelen = sizeof(receive_->addresses[count]);
    header.msg_iov = &receive_->vectors[count];
    header.msg_iovlen = 1;
  }
  if (count == 0) {
    DiscardOne(counters);
    return true;
  }

  const int received =
      recvmmsg(descriptor_, receive_->messages.data(), static_cast<unsigned>(count), 0, nullptr);
  if (received <= 0) {
    return false;  // Nothing there; or an error of an earlier send, which is of no interest here.
  }
  for (size_t i = 0; i < static_cast<size_t>(received); ++i) {
    const mmsghdr& message = receive_->messages[i];
    counters.datagrams_received.Add();
    counters.bytes_received.Add(message.msg_len);
    if ((message.msg_hdr.msg_flags & MSG_TRUNC) != 0) {
      counters.dropped_oversized.Add();
      continue;  // The buffer stays for the next call.
    }
    rtp::PacketRef packet = std::move(receive_->packets[i]);
    packet.set_size(message.msg_len);
    datagrams.push_back({FromKernel(receive_->addresses[i]), std::move(packet)});
  }
  return static_cast<size_t>(received) == count;
}

// Out of packet memory: what stays in the socket would keep us spinning, and its sender, who gets
// no answer, will know what to do.
void UdpSocket::DiscardOne(SocketCounters& counters) {
  char byte;
  if (recv(descriptor_, &byte, sizeof(byte), 0) >= 0) {
    counters.datagrams_received.Add();
    counters.dropped_pool_exhausted.Add();
  }
}

void UdpSocket::Send(const transport::DatagramBatch& batch, Entries entries,
                     SocketCounters& counters) {
  FlushBacklog(counters);
  if (!has_backlog()) {
    entries.remove_prefix(TrySend(batch, entries, counters));
  }
  AddToBacklog(batch, entries, counters);
}

void UdpSocket::FlushBacklog(SocketCounters& counters) {
  if (backlog_.empty()) {
    return;
  }
  backlog_next_ += TrySend(backlog_, backlog_.entries().subspan(backlog_next_), counters);
  if (backlog_next_ == backlog_.size()) {
    backlog_.Clear();
    backlog_next_ = 0;
  }
}

void UdpSocket::AddToBacklog(const transport::DatagramBatch& batch, Entries entries,
                             SocketCounters& counters) {
  for (const transport::DatagramBatch::Entry& entry : entries) {
    if (backlog_.full()) {
      counters.unsent_would_block.Add();
    } else {
      backlog_.Append(entry.path, batch.BytesOf(entry));
    }
  }
}

size_t UdpSocket::TrySend(const transport::DatagramBatch& batch, Entries entries,
                          SocketCounters& counters) {
  size_t done = 0;
  while (done < entries.size()) {
    Prepare(batch, entries.subspan(done));
    size_t message = 0;
    while (message < send_->count) {
      counters.send_calls.Add();
      const int sent = sendmmsg(descriptor_, &send_->messages[message],
                                static_cast<unsigned>(send_->count - message), 0);
      if (sent > 0) {
        for (int i = 0; i < sent; ++i, ++message) {
          counters.datagrams_sent.Add(send_->segments[message]);
          counters.bytes_sent.Add(send_->vectors[message].iov_len);
          counters.segmented_sends.Add(send_->segments[message] > 1 ? 1 : 0);
          done += send_->segments[message];
        }
        continue;
      }
      if (errno == EINTR) {
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) {
        return done;
      }
      if ((errno == EIO || errno == EINVAL) && send_->segments[message] > 1) {
        // The path cannot do it (no checksum offload, an old driver): never try again [PERF-23].
        segmentation_ = false;
        counters.segmentation_disabled.Add();
        break;  // And prepare what is left anew.
      }
      counters.unsent_error.Add(send_->segments[message]);
      done += send_->segments[message];
      ++message;
    }
  }
  return done;
}

void UdpSocket::Prepare(const transport::DatagramBatch& batch, Entries entries) {
  send_->count = 0;
  size_t taken = 0;
  while (taken < entries.size() && send_->count < kMaxSendBatch) {
    const transport::DatagramBatch::Entry& first = entries[taken];
    size_t segments = 1;
    size_t bytes = first.size_bytes;
    while (segmentation_ && segments < kMaxSegments && taken + segments < entries.size()) {
      const transport::DatagramBatch::Entry& next = entries[taken + segments];
      if (next.path.remote != first.path.remote || next.size_bytes > first.size_bytes ||
          bytes + next.size_bytes > kMaxSegmentedBytes) {
        break;
      }
      bytes += next.size_bytes;
      ++segments;
      if (next.size_bytes < first.size_bytes) {
        break;  // Only the last segment may be shorter.
      }
    }
    send_->Add(first.path.remote, batch.BytesOf(first).data(), bytes, segments, first.size_bytes);
    taken += segments;
  }
}

}  // namespace sfu::media
