#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include <absl/time/time.h>
#include <absl/types/span.h>

#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "worker/dtls/context.h"
#include "worker/dtls/fingerprint.h"
#include "worker/dtls/session.h"
#include "worker/ice/credentials.h"
#include "worker/ice/path.h"
#include "worker/ice/session.h"
#include "worker/rtp/outgoing_packet.h"
#include "worker/rtp/packet_buffer.h"
#include "worker/sctp/association.h"
#include "worker/srtp/session.h"
#include "worker/transport/control_queue.h"
#include "worker/transport/data_path.h"
#include "worker/transport/datagram_batch.h"
#include "worker/transport/egress.h"
#include "worker/transport/ingress_policer.h"
#include "worker/transport/media_queue.h"
#include "worker/transport/transport_counters.h"
#include "worker/transport/transport_id.h"
#include "worker/transport/transport_outputs.h"
#include "worker/transport/transport_table.h"

namespace sfu::transport {

// What the transports of one media thread share. Everything referred to outlives them.
struct TransportEnvironment {
  uint32_t thread_index;  // Goes into our ufrags [MUX-2].
  TransportTable& table;
  TransportCounters& counters;
  Random& random;
  sctp::AssociationFactory& associations;
};

// What the peer's description said. Complete each time.
struct RemoteParameters {
  std::vector<dtls::Fingerprint> fingerprints = {};  // Any one of them may match [DTLS-5].
  bool is_dtls_server = false;                       // The peer said a=setup:passive.
  size_t max_message_bytes = 0;                      // SCTP; 0 when there is no data section.
};

// One peer: composes ICE, DTLS, SRTP and SCTP, and moves packets between them and its owner, a
// media room. Decrypts and classifies what comes in; stamps, protects and orders what goes out.
//
//   datagram -> HandleDatagram -> STUN -> ice ------------------> state, path
//                                 DTLS -> dtls -> sctp ---------> data messages
//                                 SRTP -> srtp -----------------> RtpReceived, RtcpReceived
//   Enqueue, SendRtcp, SendData -> queues -> Flush -> DatagramBatch
//
// After any call the owner looks at has_pending() and, if it is true, calls Flush() before the end
// of the pass; and NextTimeout() may have changed. Commands have no outputs of their own: what
// follows from one comes out of the next Handle…(), and NextTimeout() is then due at once.
//
// Sans-IO; not thread-safe: lives on its room's media thread. Keeps its own entries in the
// TransportTable, from construction to destruction.
class Transport {
 public:
  struct Options {
    // We open the three data channels; otherwise the peer does.
    bool opens_data_channels = false;
    // Video is held back from a peer that has not been heard of for so long [ICE-8].
    absl::Duration silent_peer = absl::Seconds(5);
    ice::Session::Options ice = {};
    absl::Duration dtls_handshake_limit = absl::Seconds(60);
    IngressPolicer::Options ingress = {};
  };

  static constexpr size_t kMaxRtcpBytes = 1200;  // Of a compound that we send, before SRTCP.

  Transport(TransportId id, std::shared_ptr<const dtls::Context> dtls_context,
            const TransportEnvironment& environment, const Options& options);
  ~Transport();
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  TransportId id() const { return id_; }

  // For our description. The credentials change with RestartIce(), the fingerprint never.
  const ice::Credentials& local_ice() const { return ice_.local_credentials(); }
  const dtls::Fingerprint& local_fingerprint() const { return dtls_context_->fingerprint(); }

  // --- Commands ---

  // May come before, during or after the handshakes, and again. Nothing becomes connected before
  // the first call. The role is settled by the first call that precedes the handshake; the
  // fingerprints judge a peer once. (ICE needs nothing of the peer's: its checks prove themselves
  // by our credentials.)
  void Configure(Timestamp now, RemoteParameters remote);

  // New local_ice(); the old ones stay valid until the peer has used the new [ICE-14]. Revives a
  // transport whose consent expired. DTLS, SRTP and SCTP stay as they are.
  void RestartIce(Timestamp now);

  // Hands a packet to the pacer's queue. Refused (false, counted) when not connected or full. The
  // same SSRC and number a second time only without stamps and byte for byte as before: anything
  // else uses a nonce twice (srtp::Session::ProtectRtpGather).
  bool Enqueue(rtp::OutgoingPacket&& packet);

  // A plain compound of at most kMaxRtcpBytes; goes before media. False when not connected or the
  // queue is full.
  bool SendRtcp(absl::Span<const uint8_t> compound);

  DataSendResult SendData(Timestamp now, DataChannelKind kind, absl::Span<const uint8_t> bytes);
  size_t buffered_data_bytes() const { return data_ ? data_->buffered_bytes() : 0; }

  // The stream will never be used again: frees its SRTP state.
  void ForgetInboundSsrc(uint32_t ssrc);
  void ForgetOutboundSsrc(uint32_t ssrc);

  // Says goodbye (SCTP ABORT, close_notify), to be flushed before the transport is destroyed.
  void Close(Timestamp now);

  // --- Inputs ---

  // `path` need not be known yet for STUN; anything else from an unknown path is dropped. `packet`
  // is the whole datagram, decrypted in place; the caller gives up its reference.
  void HandleDatagram(Timestamp now, const ice::Path& path, rtp::PacketRef packet,
                      TransportOutputs& out);
  void HandleTimeout(Timestamp now, TransportOutputs& out);
  Timestamp NextTimeout() const;

  // --- Sending ---

  bool has_pending() const { return !control_.empty() || !media_.empty(); }
  // Moves what is pending into `batch` until that is full; has_pending() says whether anything
  // remained.
  void Flush(Timestamp now, DatagramBatch& batch);

  // The packets of the latest Flush() that carry a transport-wide sequence number.
  absl::Span<const SentPacket> sent() const { return egress_.sent(); }

  // --- Questions ---

  TransportState state() const { return state_; }
  bool can_send_media() const { return srtp_ != nullptr && ice_.selected_path().has_value(); }
  // Of the SRTP profile in use, per RTP packet; 16 while there is none.
  size_t srtp_overhead_bytes() const;
  const ice::SessionCounters& ice_counters() const { return ice_.counters(); }

 private:
  void HandleStun(Timestamp now, const ice::Path& path, const rtp::PacketRef& packet,
                  TransportOutputs& out);
  void HandleDtls(Timestamp now, const ice::Path& path, const rtp::PacketRef& packet,
                  TransportOutputs& out);
  void HandleRtp(Timestamp now, const ice::Path& path, rtp::PacketRef packet,
                 TransportOutputs& out);
  void HandleRtcp(Timestamp now, const ice::Path& path, rtp::PacketRef packet,
                  TransportOutputs& out);
  void NoteAuthenticated(Timestamp now, const ice::Path& path, TransportOutputs& out);
  void CountDrop(srtp::DropReason reason);

  // Takes what the protocols have put out until all are quiet. An ICE output may start DTLS, a DTLS
  // output feed SCTP, an SCTP output be wrapped by DTLS.
  void TakeOutputs(Timestamp now, TransportOutputs& out);
  void HandleIceOutput(Timestamp now, const ice::Output& output);
  void HandlePathSelected(Timestamp now);
  void HandleDtlsOutput(Timestamp now, const dtls::Output& output, TransportOutputs& out);
  void TakeDataOutputs(TransportOutputs& out);

  void StartDtls(dtls::Role role);
  void MaybeStartDtlsClient(Timestamp now);
  void MaybeStartData(Timestamp now);
  void InstallKeys(const dtls::SrtpKeys& keys);
  TransportState CurrentState() const;
  void UpdateState(TransportOutputs& out);
  void DeliverParked(TransportOutputs& out);

  void QueueControl(const ice::Path& path, absl::Span<const uint8_t> datagram);
  void FlushControl(DatagramBatch& batch);
  void FlushMedia(Timestamp now, DatagramBatch& batch);

  const TransportId id_;
  TransportCounters& counters_;

  // What each forwarded packet touches, together: with hundreds of subscribers none of it is in the
  // nearest cache when its turn comes.
  std::unique_ptr<srtp::Session> srtp_;  // Once DTLS is connected.
  ControlQueue control_;
  MediaQueue media_;
  Egress egress_;
  ice::Session ice_;

  const std::shared_ptr<const dtls::Context> dtls_context_;
  const TransportEnvironment environment_;
  const Options options_;
  TransportTableEntries table_entries_;
  std::unique_ptr<dtls::Session> dtls_;  // From the first sign of a handshake on.
  std::optional<DataPath> data_;         // Once DTLS is connected, with a data section.
  std::optional<RemoteParameters> remote_;
  IngressPolicer ingress_;

  TransportState state_ = TransportState::kConnecting;
  bool consent_lost_ = false;  // Until a path is selected again.
  bool dtls_failed_ = false;
  std::optional<ice::Path> last_path_;          // Selected now, or before the consent was lost.
  bool path_changed_ = false;                   // To be put out.
  TransportOutputs parked_;                     // Outputs of commands, for the next Handle…().
  std::vector<sctp::SendPacket> sctp_packets_;  // Scratch.
};

}  // namespace sfu::transport
