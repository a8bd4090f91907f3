#pragma once

#include <cstddef>

namespace sfu::srtp {

// Streams of one transport that have authenticated at least one packet, RTP or RTCP [media.md 1.8].
// Strangers cannot use them up: a packet opens a stream only after its tag was found right.
constexpr size_t kMaxInboundStreams = 64;
// Enough for a room of 500 seen by one subscriber with audio, video and retransmission streams, and
// for some turnover; 16 bytes each with GCM.
constexpr size_t kMaxOutboundStreams = 4096;
constexpr size_t kReplayWindowPackets = 1024;  // [SRTP-2]

}  // namespace sfu::srtp
