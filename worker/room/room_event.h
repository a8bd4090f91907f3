#pragma once

#include <string>
#include <variant>
#include <vector>

#include "worker/room/active_speakers.h"
#include "worker/room/handles.h"
#include "worker/room/quality_score.h"
#include "worker/rtp/rtp_types.h"
#include "worker/transport/transport_outputs.h"

// What a media room reports to the controller (proto/sfu/worker.proto, RoomEvent).
namespace sfu::mediaroom {

struct TransportStateChanged {
  TransportHandle transport;
  transport::TransportState state;
};

struct DataChannelsReady {
  TransportHandle transport;
};

// First media of one codec of a track.
struct TrackStarted {
  TrackHandle track;
  std::string mid;
  rtp::Codec codec;
};

struct SpeakersChanged {
  std::vector<Speaker> speakers;
};

struct ParticipantQuality {
  ParticipantHandle participant;
  double mean_opinion_score;
  Quality quality;
};
struct QualitiesChanged {
  std::vector<ParticipantQuality> qualities;
};

// The first packet of a track left for a subscriber.
struct SubscriptionStarted {
  SenderHandle sender;
};

using RoomEventValue = std::variant<TransportStateChanged, DataChannelsReady, TrackStarted,
                                    SpeakersChanged, QualitiesChanged, SubscriptionStarted>;

struct RoomEvent {
  RoomHandle room;
  RoomEventValue value;
};

}  // namespace sfu::mediaroom
