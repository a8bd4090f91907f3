#include "worker/sctp/usrsctp_socket.h"

#include <cerrno>
#include <cstdlib>
#include <utility>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <usrsctp.h>

#include "worker/sctp/usrsctp_stack.h"

namespace sfu::sctp {
namespace {

// [SCTP-3]. The minimum must exceed the 200 ms for which a receiver may delay its SACK.
constexpr uint32_t kInitialRtoMs = 500;
constexpr uint32_t kMinRtoMs = 220;
constexpr uint32_t kMaxRtoMs = 3'000;
// Never give up by ourselves: when the path dies ICE says so, and the transport goes as a whole.
constexpr uint16_t kMaxRetransmissions = 1'000;

// Both ends have the same address, as far as usrsctp knows: it only has to find the association by
// it, and ours are told apart by their number.
sockaddr_conn AddressOf(uintptr_t id, uint16_t port) {
  sockaddr_conn address{};
  address.sconn_family = AF_CONN;
  address.sconn_port = htons(port);
  address.sconn_addr = reinterpret_cast<void*>(id);
  return address;
}

int HandleReceive(struct socket* /*socket*/, union sctp_sockstore /*from*/, void* data, size_t size,
                  struct sctp_rcvinfo info, int flags, void* user) {
  if (data == nullptr) {
    return 1;
  }
  const auto* const bytes = static_cast<const uint8_t*>(data);
  UsrsctpEvent event{
      .kind = UsrsctpEvent::Kind::kData,
      .bytes = {bytes, bytes + size},
      .stream = info.rcv_sid,
      .ppid = ntohl(info.rcv_ppid),
      .unordered = (info.rcv_flags & SCTP_UNORDERED) != 0,
      .end_of_message = (flags & MSG_EOR) != 0,
  };
  if ((flags & MSG_NOTIFICATION) != 0) {
    event.kind = UsrsctpEvent::Kind::kNotification;
  }
  std::free(data);
  UsrsctpStack::Get().Deliver(reinterpret_cast<uintptr_t>(user), std::move(event));
  return 1;
}

int HandleSendSpace(struct socket* /*socket*/, uint32_t free_bytes, void* user) {
  UsrsctpStack::Get().DeliverSendSpace(reinterpret_cast<uintptr_t>(user), free_bytes);
  return 1;
}

template <typename T>
bool SetOption(struct socket* socket, int level, int name, const T& value) {
  return usrsctp_setsockopt(socket, level, name, &value, sizeof(value)) == 0;
}

bool SetBuffers(struct socket* socket, const AssociationOptions& options) {
  const int send_bytes = static_cast<int>(options.send_buffer_bytes);
  const int receive_bytes = static_cast<int>(options.receive_window_bytes);
  // A message that has grown beyond what we accept comes in pieces, so that we can let go of it,
  // instead of filling the window with it.
  const uint32_t partial_delivery_bytes = static_cast<uint32_t>(options.max_receive_bytes) + 1;
  return SetOption(socket, SOL_SOCKET, SO_SNDBUF, send_bytes) &&
         SetOption(socket, SOL_SOCKET, SO_RCVBUF, receive_bytes) &&
         SetOption(socket, IPPROTO_SCTP, SCTP_PARTIAL_DELIVERY_POINT, partial_delivery_bytes);
}

bool SetTiming(struct socket* socket) {
  sctp_rtoinfo rto{};
  rto.srto_initial = kInitialRtoMs;
  rto.srto_min = kMinRtoMs;
  rto.srto_max = kMaxRtoMs;
  sctp_assocparams association{};
  association.sasoc_asocmaxrxt = kMaxRetransmissions;
  return SetOption(socket, IPPROTO_SCTP, SCTP_RTOINFO, rto) &&
         SetOption(socket, IPPROTO_SCTP, SCTP_ASSOCINFO, association);
}

bool SetPath(struct socket* socket, const AssociationOptions& options) {
  sctp_paddrparams path{};
  path.spp_flags = SPP_PMTUD_DISABLE | SPP_HB_DISABLE;
  // For AF_CONN usrsctp does not count the common header.
  path.spp_pathmtu = static_cast<uint32_t>(options.max_packet_bytes - kSctpCommonHeaderBytes);
  path.spp_pathmaxrxt = kMaxRetransmissions;
  return SetOption(socket, IPPROTO_SCTP, SCTP_PEER_ADDR_PARAMS, path);
}

bool SetStreams(struct socket* socket, const AssociationOptions& options) {
  sctp_initmsg init{};
  init.sinit_num_ostreams = options.streams;
  init.sinit_max_instreams = options.streams;
  init.sinit_max_attempts = kMaxRetransmissions;
  init.sinit_max_init_timeo = static_cast<uint16_t>(kMaxRtoMs);
  sctp_assoc_value reset{};
  // Resets only: a request to add streams would lift the cap.
  reset.assoc_value = SCTP_ENABLE_RESET_STREAM_REQ;
  return SetOption(socket, IPPROTO_SCTP, SCTP_INITMSG, init) &&
         SetOption(socket, IPPROTO_SCTP, SCTP_ENABLE_STREAM_RESET, reset);
}

bool Subscribe(struct socket* socket) {
  for (const int type : {SCTP_ASSOC_CHANGE, SCTP_STREAM_RESET_EVENT, SCTP_SENDER_DRY_EVENT,
                         SCTP_PARTIAL_DELIVERY_EVENT}) {
    sctp_event event{};
    event.se_assoc_id = SCTP_ALL_ASSOC;
    event.se_type = static_cast<uint16_t>(type);
    event.se_on = 1;
    if (!SetOption(socket, IPPROTO_SCTP, SCTP_EVENT, event)) {
      return false;
    }
  }
  return true;
}

bool Configure(struct socket* socket, const AssociationOptions& options) {
  const int on = 1;
  const linger no_linger = {.l_onoff = 1, .l_linger = 0};  // Closing sends an ABORT at once.
  return usrsctp_set_non_blocking(socket, 1) == 0 &&
         SetOption(socket, SOL_SOCKET, SO_LINGER, no_linger) &&
         SetOption(socket, IPPROTO_SCTP, SCTP_NODELAY, on) && SetBuffers(socket, options) &&
         SetTiming(socket) && SetPath(socket, options) && SetStreams(socket, options) &&
         Subscribe(socket);
}

}  // namespace

struct socket* OpenUsrsctpSocket(uintptr_t id, const AssociationOptions& options) {
  void* const address = reinterpret_cast<void*>(id);
  usrsctp_register_address(address);
  struct socket* const socket =
      usrsctp_socket(AF_CONN, SOCK_STREAM, IPPROTO_SCTP, &HandleReceive, &HandleSendSpace,
                     /*sb_threshold=*/0, /*ulp_info=*/address);
  if (socket == nullptr) {
    usrsctp_deregister_address(address);
    return nullptr;
  }
  sockaddr_conn local = AddressOf(id, options.port);
  if (!Configure(socket, options) ||
      usrsctp_bind(socket, reinterpret_cast<sockaddr*>(&local), sizeof(local)) != 0) {
    CloseUsrsctpSocket(socket, id);
    return nullptr;
  }
  return socket;
}

bool ConnectUsrsctpSocket(struct socket* socket, uintptr_t id, const AssociationOptions& options) {
  sockaddr_conn peer = AddressOf(id, options.port);
  return usrsctp_connect(socket, reinterpret_cast<sockaddr*>(&peer), sizeof(peer)) == 0 ||
         errno == EINPROGRESS;
}

void CloseUsrsctpSocket(struct socket* socket, uintptr_t id) {
  usrsctp_close(socket);
  usrsctp_deregister_address(reinterpret_cast<void*>(id));
}

}  // namespace sfu::sctp
