// What forwarding costs: one packet received, one hundred sent to real sockets on loopback, through
// everything a packet meets in production (media thread, SRTP in, receiver, router, forwarder,
// SRTP out, sendmmsg). CPU time of the media thread per forwarded packet, beside that of the floor
// loop in the same run, interleaved; machines change their speed, so only the ratio means anything.
// And what a member that only receives costs in memory.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <absl/synchronization/notification.h>
#include <absl/time/time.h>
#include <malloc.h>
#include <netinet/in.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/base/check.h"
#include "common/log/log.h"
#include "common/runtime/secure_random.h"
#include "common/runtime/system_clock.h"
#include "tests/benchmark/floor_loop.h"
#include "tests/support/virtual_peer.h"
#include "worker/dtls/certificate.h"
#include "worker/media/media_thread.h"
#include "worker/room/media_rooms.h"
#include "worker/rtp/extension_block_writer.h"
#include "worker/rtp/rtp_packet_writer.h"
#include "worker/sctp/usrsctp_association.h"

namespace sfu {
namespace {

using mediaroom::MediaRoom;
using mediaroom::MediaRooms;
using mediaroom::ParticipantHandle;
using mediaroom::SenderHandle;
using mediaroom::TrackHandle;
using mediaroom::TransportHandle;

constexpr size_t kSubscribers = 100;
constexpr int kPacketsPerRound = 300;
constexpr int kRounds = 7;
constexpr int kServerCpu = 1;
constexpr int kClientCpu = 0;
const SocketAddress kLoopback = SocketAddress::V4({127, 0, 0, 1}, 0);
const mediaroom::RoomHandle kRoom(1);

void Pin(int cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(static_cast<size_t>(cpu), &set);
  sched_setaffinity(0, sizeof(set), &set);
}

absl::Duration ThreadCpuTime() {
  timespec time;
  SFU_CHECK(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time) == 0);
  return absl::DurationFromTimespec(time);
}

// A blocking UDP socket on loopback: a client's.
class ClientSocket {
 public:
  ClientSocket() : descriptor_(socket(AF_INET, SOCK_DGRAM, 0)) {
    SFU_CHECK(descriptor_ >= 0);
    sockaddr_in bytes = Kernel(kLoopback);
    socklen_t size = sizeof(bytes);
    SFU_CHECK(bind(descriptor_, reinterpret_cast<sockaddr*>(&bytes), size) == 0);
    SFU_CHECK(getsockname(descriptor_, reinterpret_cast<sockaddr*>(&bytes), &size) == 0);
    address_ = kLoopback.WithPort(ntohs(bytes.sin_port));
    const timeval limit = {.tv_sec = 5, .tv_usec = 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  }
  ~ClientSocket() { close(descriptor_); }
  ClientSocket(const ClientSocket&) = delete;
  ClientSocket& operator=(const ClientSocket&) = delete;

  const SocketAddress& address() const { return address_; }

  void Send(const SocketAddress& to, absl::Span<const uint8_t> bytes) {
    const sockaddr_in address = Kernel(to);
    SFU_CHECK(sendto(descriptor_, bytes.data(), bytes.size(), 0,
                     reinterpret_cast<const sockaddr*>(&address), sizeof(address)) >= 0);
  }
  // Waits until `count` media packets have come; what else comes is passed over.
  void ReceiveMedia(int count) {
    std::array<uint8_t, 2048> bytes;
    while (count > 0) {
      const ssize_t size = recv(descriptor_, bytes.data(), bytes.size(), 0);
      SFU_CHECK(size > 0);
      count -= bytes[0] >= 128 && (bytes[1] < 192 || bytes[1] > 223) ? 1 : 0;
    }
  }

 private:
  static sockaddr_in Kernel(const SocketAddress& address) {
    sockaddr_in bytes = {};
    bytes.sin_family = AF_INET;
    bytes.sin_port = htons(address.port());
    memcpy(&bytes.sin_addr, address.ip().data(), 4);
    return bytes;
  }

  const int descriptor_;
  SocketAddress address_;
};

struct Media {
  const char* name;
  rtp::Codec codec;
  size_t payload_bytes;
};

rtp::ExtensionMap Extensions(rtp::MediaKind kind) {
  rtp::ExtensionMap map;
  map.Set(rtp::ExtensionType::kTransportSequenceNumber, 3);
  map.Set(rtp::ExtensionType::kAbsoluteSendTime, 2);
  if (kind == rtp::MediaKind::kAudio) {
    map.Set(rtp::ExtensionType::kAudioLevel, 1);
  }
  return map;
}

// A media thread with one room: a publisher and its subscribers. Connections are made in memory
// before the thread runs; from then on everything goes over sockets.
class Server {
 public:
  explicit Server(const Media& media, bool has_data = false)
      : media_(media),
        has_data_(has_data),
        certificate_context_(std::make_shared<dtls::Context>(
            dtls::Certificate::Generate(random_, clock_.WallNow()))),
        client_context_(dtls::Certificate::Generate(random_, clock_.WallNow())) {
    auto sockets = media::OpenMediaSockets({{kLoopback, {kLoopback}}}, {}, 1, {});
    SFU_CHECK(sockets.ok());
    thread_ = std::make_unique<media::MediaThread>(
        media::MediaThread::Options{}, clock_, std::make_unique<SecureRandom>(),
        std::move(sockets->front()), [this](const media::MediaThreadContext& context) {
          table_ = &context.table;
          pool_ = &context.pool;
          auto rooms = std::make_unique<MediaRooms>(
              transport::TransportEnvironment{.thread_index = 0,
                                              .table = context.table,
                                              .counters = context.transport_counters,
                                              .random = context.random,
                                              .associations = associations_},
              certificate_context_, mediaroom::NtpClock(clock_.Now(), clock_.WallNow()));
          rooms_ = rooms.get();
          return rooms;
        });
    room_ = &rooms_->OpenRoom(clock_.Now(), kRoom);
  }

  const SocketAddress& address() const { return thread_->candidates().front().address; }
  size_t packet_memory() const { return pool_->allocated() * sizeof(rtp::PacketBuffer); }

  // A connected member; its peer lives on with the caller.
  std::unique_ptr<VirtualPeer> AddMember(const SocketAddress& from) {
    const uint64_t handle = ++last_handle_;
    room_->ConfigureParticipant(ParticipantHandle(handle), {});
    const auto opened = rooms_->OpenTransport(clock_.Now(), *room_, TransportHandle(handle),
                                              {.participant = ParticipantHandle(handle),
                                               .opens_data_channels = false,
                                               .carries_data_down = false});
    SFU_CHECK(opened.has_value());
    transport::Transport& transport = (*opened)->transport();

    auto peer = std::make_unique<VirtualPeer>(random_, client_context_, associations_,
                                              VirtualPeer::Options{.has_data = has_data_});
    transport.Configure(clock_.Now(), {.fingerprints = {peer->fingerprint()},
                                       .max_message_bytes = has_data_ ? size_t{65'535} : 0});
    peer->Connect(clock_.Now(), from,
                  {.ice = transport.local_ice(),
                   .fingerprints = {transport.local_fingerprint()},
                   .address = address()});
    while (!peer->connected() || !transport.can_send_media() ||
           (has_data_ && !peer->IsChannelOpen("_lossy"))) {
      ExchangeInMemory(transport.id(), *peer);
    }
    ExchangeInMemory(transport.id(), *peer);
    return peer;
  }

  std::unique_ptr<VirtualPeer> AddPublisher(const SocketAddress& from) {
    std::unique_ptr<VirtualPeer> peer = AddMember(from);
    mediaroom::ReceiverParameters receiver;
    receiver.track = TrackHandle(1);
    receiver.mid = "0";
    receiver.kind = rtp::KindOf(media_.codec);
    receiver.formats = {Format()};
    receiver.extensions = Extensions(receiver.kind);
    receiver.encodings = {{.rid = "", .ssrc = rtp::Ssrc(kPublisherSsrc), .rtx_ssrc = {}}};
    room_->ConfigureReceivers(clock_.Now(), LastTransport(), {receiver});
    rooms_->HandleCommanded(*room_);
    return peer;
  }

  std::unique_ptr<VirtualPeer> AddSubscriber(const SocketAddress& from) {
    std::unique_ptr<VirtualPeer> peer = AddMember(from);
    mediaroom::SenderParameters sender;
    sender.sender = SenderHandle(last_handle_);
    sender.track = TrackHandle(1);
    sender.mid = "0";
    sender.kind = rtp::KindOf(media_.codec);
    sender.ssrc = rtp::Ssrc(1'000'000 + static_cast<uint32_t>(last_handle_));
    sender.cname = "benchmark";
    sender.formats = {Format()};
    sender.extensions = Extensions(sender.kind);
    room_->ConfigureSenders(clock_.Now(), LastTransport(), {sender});
    rooms_->HandleCommanded(*room_);
    return peer;
  }

  // The next packet of the publisher, protected.
  std::vector<uint8_t> NextPacket(VirtualPeer& publisher) {
    const rtp::ExtensionMap map = Extensions(rtp::KindOf(media_.codec));
    rtp::ExtensionBlockWriter extensions(map, false);
    const std::array<uint8_t, 2> transport_sequence = {static_cast<uint8_t>(number_ >> 8),
                                                       static_cast<uint8_t>(number_)};
    const std::array<uint8_t, 1> level = {30};
    extensions.Add(rtp::ExtensionType::kAudioLevel, level);
    extensions.Add(rtp::ExtensionType::kTransportSequenceNumber, transport_sequence);
    std::vector<uint8_t> packet(rtp::kFixedHeaderSize + extensions.size());
    rtp::WriteRtpHeader({.marker = true,
                         .payload_type = rtp::PayloadType(kPayloadType),
                         .sequence_number = rtp::SequenceNumber(static_cast<uint16_t>(number_)),
                         .timestamp = number_ * 960,
                         .ssrc = rtp::Ssrc(kPublisherSsrc)},
                        extensions, absl::MakeSpan(packet));
    AppendPayload(packet);
    ++number_;
    SFU_CHECK(publisher.SendRtp(packet));
    std::vector<uint8_t> datagram;
    while (const auto output = publisher.PollOutput()) {
      datagram = std::get<VirtualPeer::Datagram>(*output).bytes;
    }
    return datagram;
  }

  // For when nobody listens: the packet goes all the way into a batch that is thrown away.
  void ForwardInMemory(const SocketAddress& from, absl::Span<const uint8_t> datagram) {
    const Timestamp now = clock_.Now();
    const auto id = table_->FindPath({.remote = from});
    SFU_CHECK(id.has_value());
    rooms_->HandleDatagram(now, *id, {.remote = from}, pool_->Copy(datagram));
    transport::DatagramBatch batch;
    while (rooms_->Flush(now, batch)) {
      batch.Clear();
    }
  }

  void Start() {
    thread_->Start();
    RunOnThread([] { Pin(kServerCpu); });
  }
  absl::Duration CpuTime() {
    absl::Duration time;
    RunOnThread([&time] { time = ThreadCpuTime(); });
    return time;
  }
  const Clock& clock() const { return clock_; }
  const media::MediaThread& thread() const { return *thread_; }

 private:
  static constexpr uint32_t kPublisherSsrc = 77;
  static constexpr uint8_t kPayloadType = 111;

  mediaroom::PayloadFormat Format() const {
    mediaroom::PayloadFormat format;
    format.codec = media_.codec;
    format.payload_type = rtp::PayloadType(kPayloadType);
    format.nack = rtp::KindOf(media_.codec) == rtp::MediaKind::kVideo;
    return format;
  }

  // Opus has no form of its own; VP8 gets a descriptor with a 15-bit picture id, and one key frame
  // at the beginning. One packet is one frame.
  void AppendPayload(std::vector<uint8_t>& packet) const {
    const size_t header_size = packet.size();
    if (media_.codec == rtp::Codec::kVp8) {
      const uint8_t delta = number_ == kFirstNumber ? 0 : 1;
      for (const uint8_t byte : {uint8_t{0x90}, uint8_t{0x80}, static_cast<uint8_t>(0x80),
                                 static_cast<uint8_t>(number_ & 0x7f), delta}) {
        packet.push_back(byte);
      }
      packet[packet.size() - 3] = static_cast<uint8_t>(0x80 | (number_ >> 8 & 0x7f));
      packet[packet.size() - 2] = static_cast<uint8_t>(number_);
    }
    packet.resize(header_size + media_.payload_bytes, 0x5a);
  }

  mediaroom::RoomTransport& LastTransport() {
    return *room_->FindTransport(TransportHandle(last_handle_));
  }

  void ExchangeInMemory(transport::TransportId id, VirtualPeer& peer) {
    const Timestamp now = clock_.Now();
    if (peer.NextTimeout() <= now) {
      peer.HandleTimeout(now);
    }
    while (const auto output = peer.PollOutput()) {
      if (const auto* datagram = std::get_if<VirtualPeer::Datagram>(&*output)) {
        rooms_->HandleDatagram(now, id, {.remote = datagram->from}, pool_->Copy(datagram->bytes));
      }
    }
    if (rooms_->NextTimeout() <= now) {
      rooms_->HandleTimeout(now);
    }
    transport::DatagramBatch batch;
    bool more = true;
    while (more) {
      more = rooms_->Flush(now, batch);
      for (const transport::DatagramBatch::Entry& entry : batch.entries()) {
        if (entry.path.remote == peer.local_address()) {
          peer.HandleDatagram(now, entry.path.remote, batch.BytesOf(entry));
        }
      }
      batch.Clear();
    }
  }

  template <typename Task>
  void RunOnThread(Task task) {
    absl::Notification done;
    SFU_CHECK(thread_->Post([&](Timestamp) {
      task();
      done.Notify();
    }));
    done.WaitForNotification();
  }

  const Media media_;
  const bool has_data_;
  SystemClock clock_;
  SecureRandom random_;
  sctp::UsrsctpAssociationFactory associations_;
  std::shared_ptr<const dtls::Context> certificate_context_;
  dtls::Context client_context_;
  std::unique_ptr<media::MediaThread> thread_;
  MediaRooms* rooms_ = nullptr;
  transport::TransportTable* table_ = nullptr;
  rtp::PacketPool* pool_ = nullptr;
  MediaRoom* room_ = nullptr;
  uint64_t last_handle_ = 0;
  static constexpr uint32_t kFirstNumber = 1000;
  uint32_t number_ = kFirstNumber;
};

// Consent is kept fresh between rounds, as clients do it.
void SendChecks(Server& server, std::vector<std::unique_ptr<VirtualPeer>>& peers,
                std::vector<std::unique_ptr<ClientSocket>>& sockets) {
  for (size_t i = 0; i < peers.size(); ++i) {
    peers[i]->HandleTimeout(server.clock().Now());
    while (const auto output = peers[i]->PollOutput()) {
      if (const auto* datagram = std::get_if<VirtualPeer::Datagram>(&*output)) {
        sockets[i]->Send(server.address(), datagram->bytes);
      }
    }
  }
}

// Sends `packets` from `from` to `to`, `burst` at a time, and has each socket receive all of them.
void RunRound(ClientSocket& from, const SocketAddress& to,
              const std::vector<std::vector<uint8_t>>& packets, size_t burst,
              std::vector<std::unique_ptr<ClientSocket>>& sockets) {
  for (size_t next = 0; next < packets.size(); next += burst) {
    const size_t count = std::min(burst, packets.size() - next);
    for (size_t i = 0; i < count; ++i) {
      from.Send(to, packets[next + i]);
    }
    for (const std::unique_ptr<ClientSocket>& socket : sockets) {
      socket->ReceiveMedia(static_cast<int>(count));
    }
  }
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void MeasureForwarding(const Media& media, size_t burst) {
  Server server(media);
  std::vector<std::unique_ptr<ClientSocket>> sockets;
  std::vector<std::unique_ptr<VirtualPeer>> subscribers;
  std::vector<SocketAddress> addresses;
  ClientSocket publisher_socket;
  std::unique_ptr<VirtualPeer> publisher = server.AddPublisher(publisher_socket.address());
  for (size_t i = 0; i < kSubscribers; ++i) {
    sockets.push_back(std::make_unique<ClientSocket>());
    addresses.push_back(sockets.back()->address());
    subscribers.push_back(server.AddSubscriber(addresses.back()));
  }
  benchmark::FloorLoop floor(addresses, kServerCpu);
  server.Start();

  const auto packets = [&](int count) {
    std::vector<std::vector<uint8_t>> made;
    for (int i = 0; i < count; ++i) {
      made.push_back(server.NextPacket(*publisher));
    }
    return made;
  };
  const double sends = static_cast<double>(kPacketsPerRound) * kSubscribers;
  const auto ours = [&] {
    SendChecks(server, subscribers, sockets);
    const auto made = packets(kPacketsPerRound);
    const absl::Duration before = server.CpuTime();
    RunRound(publisher_socket, server.address(), made, burst, sockets);
    return absl::ToDoubleNanoseconds(server.CpuTime() - before) / sends;
  };
  const std::vector<std::vector<uint8_t>> plain(
      kPacketsPerRound, std::vector<uint8_t>(12 + media.payload_bytes, 0x80));
  const auto bare = [&] {
    const absl::Duration before = floor.cpu_time();
    RunRound(publisher_socket, floor.address(), plain, burst, sockets);
    return absl::ToDoubleNanoseconds(floor.cpu_time() - before) / sends;
  };

  ours();  // Warm-up: the first packets of everything.
  bare();
  std::vector<double> ours_ns, floor_ns, ratios;
  for (int round = 0; round < kRounds; ++round) {
    const double a1 = ours();
    const double b1 = bare();
    const double b2 = bare();
    const double a2 = ours();
    ours_ns.push_back((a1 + a2) / 2);
    floor_ns.push_back((b1 + b2) / 2);
    ratios.push_back((a1 + a2) / (b1 + b2));
  }
  const auto [least, most] = std::minmax_element(ratios.begin(), ratios.end());
  std::printf("%-6s %5zu B  burst %2zu  ours %7.0f ns  floor %7.0f ns  ratio %.2f (%.2f to %.2f)\n",
              media.name, media.payload_bytes, burst, Median(ours_ns), Median(floor_ns),
              Median(ratios), *least, *most);
  std::fflush(stdout);
}

size_t HeapInUse() {
  const struct mallinfo2 info = mallinfo2();
  return info.uordblks + info.hblkhd;
}

// What the heap holds per member, its client being gone already. A member has received packets if
// it subscribes, so that everything it takes to forward to it exists.
double MemoryPerMember(bool subscribes, bool has_data) {
  constexpr uint16_t kWarmUp = 20;
  constexpr uint16_t kMembers = 200;
  Server server({"audio", rtp::Codec::kOpus, 160}, has_data);
  const std::unique_ptr<VirtualPeer> publisher = server.AddPublisher(kLoopback.WithPort(9999));
  const auto add = [&](uint16_t from, uint16_t count) {
    for (uint16_t i = 0; i < count; ++i) {
      const SocketAddress address = kLoopback.WithPort(static_cast<uint16_t>(from + i));
      subscribes ? server.AddSubscriber(address) : server.AddMember(address);
    }
    for (int packet = 0; packet < 50; ++packet) {
      server.ForwardInMemory(publisher->local_address(), server.NextPacket(*publisher));
    }
  };
  add(10'000, kWarmUp);
  const size_t before = HeapInUse() - server.packet_memory();
  add(20'000, kMembers);
  const size_t after = HeapInUse() - server.packet_memory();
  return static_cast<double>(after - before) / kMembers / 1000;
}

void MeasureMemory() {
  const double connected = MemoryPerMember(false, false);
  const double receiving = MemoryPerMember(true, false);
  const double with_data = MemoryPerMember(true, true);
  std::printf(
      "memory per member: connected %.1f kB, receiving one track %.1f kB, "
      "and data channels %.1f kB\n",
      connected, receiving, with_data);
}

}  // namespace
}  // namespace sfu

int main() {
  sfu::log::Configure({.level = sfu::log::Level::kError});
  sfu::Pin(sfu::kClientCpu);
  std::printf("CPU time of the server thread per forwarded packet, 1 publisher to %zu\n",
              sfu::kSubscribers);
  for (const size_t burst : {size_t{1}, size_t{8}}) {
    sfu::MeasureForwarding({"audio", sfu::rtp::Codec::kOpus, 160}, burst);
    sfu::MeasureForwarding({"video", sfu::rtp::Codec::kVp8, 1200}, burst);
  }
  sfu::MeasureMemory();
  return 0;
}
