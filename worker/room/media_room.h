#pragma once

#include <map>
#include <memory>
#include <vector>

#include "common/base/expected.h"
#include "worker/data/data_router.h"
#include "worker/room/active_speakers.h"
#include "worker/room/deadline_queue.h"
#include "worker/room/parameters.h"
#include "worker/room/quality_monitor.h"
#include "worker/room/room_environment.h"
#include "worker/room/room_events.h"
#include "worker/room/room_transport.h"
#include "worker/room/track_table.h"

namespace sfu::mediaroom {

// Why a command was not applied; as in proto/sfu/worker.proto.
enum class Refusal { kUnknownParticipant, kUnknownTransport };

// The part of a room that one media thread carries: participants, their transports, the tracks
// between them, data, speakers and quality. Which packets go where; who may do what is the
// controller's business.
//
// Commands state a wanted condition, so that repeating one is harmless. Lives on its media thread.
class MediaRoom {
 public:
  // `events` and what `environment` refers to outlive the room.
  MediaRoom(Timestamp now, RoomHandle handle, const RoomEnvironment& environment,
            std::vector<RoomEvent>& events);

  RoomHandle handle() const { return handle_; }

  // --- Commands.

  void Configure(const AudioLevelOptions& audio_levels) { audio_levels_ = audio_levels; }
  void ConfigureParticipant(ParticipantHandle participant, ParticipantParameters parameters);

  // `id` is used if the transport is new.
  Expected<RoomTransport*, Refusal> OpenTransport(TransportHandle handle,
                                                  const TransportOptions& options,
                                                  transport::TransportId id);
  RoomTransport* FindTransport(TransportHandle handle);
  // Takes the transport out of the room. It has said goodbye, which its owner now has to flush
  // before it destroys it. nullptr if it is not here.
  std::unique_ptr<RoomTransport> RemoveTransport(Timestamp now, TransportHandle handle);
  // The transports of a participant who is leaving, to be removed first.
  std::vector<TransportHandle> TransportsOf(ParticipantHandle participant) const;
  void RemoveParticipant(ParticipantHandle participant);

  void ConfigureReceivers(Timestamp now, RoomTransport& transport,
                          const std::vector<ReceiverParameters>& receivers);
  void ConfigureSenders(Timestamp now, RoomTransport& transport,
                        const std::vector<SenderParameters>& senders);
  void SetTrackMuted(TrackHandle track, bool muted) { tracks_.SetMuted(track, muted); }
  void ConfigureSubscription(Timestamp now, SenderHandle sender,
                             const SubscriptionParameters& wishes);
  void SendData(Timestamp now, data::Channel channel, std::string packet,
                const std::vector<ParticipantHandle>& receivers);

  // --- Inputs.

  // What a transport of this room put out.
  void HandleOutputs(Timestamp now, RoomTransport& transport, transport::TransportOutputs& outputs);
  // The room's own clockwork: speakers, layers, quality. Not its transports'.
  void HandleTimeout(Timestamp now);
  Timestamp NextTimeout() const;

  // --- Questions.

  const std::map<TransportHandle, std::unique_ptr<RoomTransport>>& transports() const {
    return transports_;
  }

 private:
  void HandleOutput(Timestamp now, RoomTransport& from, transport::TransportOutput& output);
  void HandleData(Timestamp now, ParticipantHandle sender, const transport::DataMessage& message);
  void HandleChannelsOpen(Timestamp now, RoomTransport& transport);
  void Deliver(Timestamp now, const data::RoutedPacket& packet);
  RoomTransport* DataTransportOf(data::MemberId member);
  void ReportSpeakers(Timestamp now);
  void ReportQualities();

  const RoomHandle handle_;
  const RoomEnvironment& environment_;
  RoomEvents events_;
  AudioLevelOptions audio_levels_;
  TrackTable tracks_;
  std::map<ParticipantHandle, ParticipantParameters> participants_;
  std::map<TransportHandle, std::unique_ptr<RoomTransport>> transports_;
  std::map<data::MemberId, RoomTransport*> data_transports_;  // Those that carry data down.
  // Wishes for senders that do not exist yet; each is used once.
  std::map<SenderHandle, SubscriptionParameters> early_wishes_;

  data::DataRouter data_;
  ActiveSpeakers speakers_;
  QualityMonitor quality_;
  Timestamp next_speakers_;
  Timestamp next_layers_;
  Timestamp next_quality_;
};

}  // namespace sfu::mediaroom
