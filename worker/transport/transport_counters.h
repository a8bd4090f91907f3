#pragma once

#include "common/metrics/counter.h"

namespace sfu::transport {

// What the transports of one media thread count, all together: a transport's end loses nothing, and
// a scrape need not visit thousands of them. Written by that thread only. Exported by
// worker/media/media_metrics.cc.
struct TransportCounters {
  Counter rtp_received;  // Accepted, that is, authenticated.
  Counter rtp_received_bytes;
  Counter rtcp_received;
  Counter rtp_sent;        // First transmissions, and padding.
  Counter rtp_sent_bytes;  // On the wire, without UDP and IP headers.
  Counter rtp_resent;      // Retransmissions.
  Counter rtp_resent_bytes;
  Counter rtcp_sent;
  Counter data_messages_received;
  Counter data_messages_sent;

  // Datagrams of a known transport that were not processed.
  Counter dropped_unknown_kind;      // Not STUN, DTLS, RTP or RTCP.
  Counter dropped_unknown_path;      // Not STUN, and from a path that is not the transport's.
  Counter dropped_before_keys;       // SRTP before DTLS was through [SRTP-6].
  Counter dropped_malformed;         // Not RTP or RTCP under SRTP.
  Counter dropped_authentication;    // Wrong tag.
  Counter dropped_replay;            // Seen before, or too old [SRTP-3].
  Counter dropped_too_many_streams;  // An SSRC beyond the limit.
  Counter dropped_ingress_limit;     // Above the bit or packet rate of media.md 1.8.
  Counter dropped_data_unknown_label;
  Counter dropped_data_early;  // SCTP before a data section was negotiated.

  // Packets of ours that were not sent.
  Counter unsent_not_connected;     // Media before kConnected, or after the consent expired.
  Counter unsent_queue_full;        // Media beyond MediaQueue's bound.
  Counter unsent_silent_peer;       // Video to a peer not heard of for 5 s [ICE-8].
  Counter unsent_too_large;         // Would not fit a datagram.
  Counter unsent_refused;           // By SRTP: an SSRC beyond the limit.
  Counter unsent_control_overflow;  // STUN, DTLS, SCTP or RTCP beyond ControlQueue's bound.
  Counter unsent_data_refused;      // Data messages: channel not open, too large, or slow reader.

  Counter connected;  // State changes, for rates of failure.
  Counter disconnected;
  Counter failed_consent;
  Counter failed_dtls;
};

}  // namespace sfu::transport
