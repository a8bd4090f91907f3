#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <absl/status/statusor.h>

#include "common/base/random.h"
#include "common/time/timestamp.h"
#include "controller/negotiation/codec_preferences.h"
#include "controller/negotiation/negotiation_types.h"
#include "controller/room/answering_transport.h"
#include "controller/room/handles.h"
#include "controller/room/offering_transport.h"
#include "controller/room/signal_sink.h"
#include "controller/room/worker_port.h"

namespace sfu::room {

// What decides how a client is connected.
struct MediaSessionOptions {
  bool single_peer_connection = false;
  bool can_subscribe = true;
  livekit::ClientInfo client;
  negotiation::CodecPreferences publish_codecs;
  negotiation::CodecPreferences subscribe_codecs;
  bool playout_delay = false;
  bool sync_streams = false;
};

// One participant's media connections: two of them, one of which we offer on, or a single one. The
// rest of the room sees senders and offers and does not notice the difference.
class MediaSession {
 public:
  MediaSession(const MediaSessionOptions& options, ParticipantHandle owner,
               HandleAllocator& handles, WorkerPort& worker, SignalSink& signal, Random& random);

  void Open();

  bool single_peer_connection() const { return options_.single_peer_connection; }
  // Whether we offer and the client answers on the connection that counts (JoinResponse field 6).
  bool subscriber_primary() const { return subscriber_primary_; }
  // The primary connection has been up.
  bool connected() const { return connected_; }
  // When a connection that went silent counts as failed, unless it recovers before; in the past
  // once it has. The client alone can revive it, by an ICE restart.
  Timestamp FailsAt() const;

  // The client has come back with a new signal connection and restarts ICE; so do we.
  void HandleResumed(Timestamp now);

  absl::StatusOr<negotiation::OfferSummary> HandleOffer(const livekit::SessionDescription& offer) {
    return answering_.HandleOffer(offer);
  }
  void Answer(Timestamp now, negotiation::Assignments assignments) {
    answering_.Answer(now, std::move(assignments));
  }
  void SetAssignments(negotiation::Assignments assignments) {
    answering_.SetAssignments(std::move(assignments));
  }
  // False: beyond repair.
  [[nodiscard]] bool HandleAnswer(Timestamp now, const livekit::SessionDescription& answer);

  // Media to this participant appears after a round of negotiation. False if its codec is not
  // enabled for it.
  bool AddSender(Timestamp now, const negotiation::SentTrack& sent);
  void RemoveSender(Timestamp now, uint64_t sender);
  std::vector<uint64_t> TakeRefusedSenders();

  // False: the worker refused, so this session cannot go on.
  [[nodiscard]] bool HandleResult(Timestamp now, const worker::v1::CommandResult& result);

  // True if with this the primary connection is up for the first time.
  [[nodiscard]] bool HandleTransportState(Timestamp now, const worker::v1::TransportState& state);

  // False: the client did not answer in time.
  [[nodiscard]] bool HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

  std::string FormatParameters(std::string_view mid, worker::v1::Codec codec) const {
    return answering_.FormatParameters(mid, codec);
  }

 private:
  OfferingTransport& OpenOffering();

  const MediaSessionOptions options_;
  const ParticipantHandle owner_;
  HandleAllocator& handles_;
  WorkerPort& worker_;
  SignalSink& signal_;
  Random& random_;
  const bool subscriber_primary_;
  AnsweringTransport answering_;
  std::optional<OfferingTransport> offering_;  // Only with two connections, and once needed.
  bool connected_ = false;
  std::map<TransportHandle, Timestamp> failing_;  // The silent ones, and when each has failed.
};

}  // namespace sfu::room
