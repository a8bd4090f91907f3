#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "common/time/timestamp.h"
#include "worker/rtp/packet_buffer.h"

namespace sfu::transport {

// LiveKit's three data channels, known by their labels [LKT-3].
enum class DataChannelKind : uint8_t {
  kReliable,   // "_reliable": ordered, retransmitted until it arrives.
  kLossy,      // "_lossy": unordered, sent once.
  kDataTrack,  // "_data_track": unordered, sent once, framed as in media.md 6.3.
};
inline constexpr size_t kDataChannelKinds = 3;

// A decrypted RTP packet. The size of `packet` is that of the plain packet; nobody else holds it.
// Its lengths have been looked at only as far as SRTP needed to: parse it.
struct RtpReceived {
  rtp::PacketRef packet;
  Timestamp arrival;
};
// A decrypted compound RTCP packet, of at most rtcp::CompoundView::kMaxSize bytes.
struct RtcpReceived {
  rtp::PacketRef packet;
  Timestamp arrival;
};

enum class TransportState : uint8_t {
  kConnecting,    // Before the first kConnected. Never put out.
  kConnected,     // ICE and DTLS are up; media flows.
  kDisconnected,  // Silent for 10 s; sending goes on. May recover to kConnected.
  kFailed,        // Consent expired: RestartIce() may revive it. Or DTLS failed: nothing can.
};
struct StateChanged {
  TransportState state;
};
// We send by another path now: a network route change for congestion control ([ICE-15]). Not put
// out for the first path.
struct PathChanged {};

// Both `_reliable` and `_lossy` are usable. Once per transport.
struct DataChannelsOpen {};
struct DataMessage {
  DataChannelKind channel;
  std::vector<uint8_t> bytes;
};
// Reliable data waits and the peer has acknowledged nothing for 30 s ([SCTP-8]).
struct DataChannelsStuck {};

using TransportOutput = std::variant<RtpReceived, RtcpReceived, StateChanged, PathChanged,
                                     DataChannelsOpen, DataMessage, DataChannelsStuck>;

// Owned and reused by the caller, who takes everything out (and clears it) before the next input:
// an entry keeps its packet's buffer.
using TransportOutputs = std::vector<TransportOutput>;

}  // namespace sfu::transport
