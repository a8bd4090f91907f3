#pragma once

#include <variant>

#include "controller/room/ids.h"
#include "proto/livekit/rtc.pb.h"
#include "proto/sfu/worker.pb.h"

namespace sfu::room {

// What a Room wants done. The owner performs effects in the order polled: clients rely on a
// ParticipantUpdate arriving before the description that names its participant.
struct SendSignal {
  SessionId session;
  livekit::SignalResponse response;
};

// Close the connection with code 1000 once everything sent before is out. The session is over for
// the room: it accepts no more requests from it and sends nothing more to it.
struct CloseSignal {
  SessionId session;
};

// For the worker that carries the room, in order. Its result is due in Room::HandleWorkerResult.
struct SendWorkerCommand {
  sfu::worker::v1::RoomCommand command;
};

// The last effect of a room: nobody is inside, the worker's part is being closed, destroy it.
struct RoomClosed {};

// Facts for webhooks and the directory, without their envelope.
struct ParticipantJoined {
  livekit::ParticipantInfo participant;
};
struct ParticipantLeft {
  livekit::ParticipantInfo participant;
};
struct TrackPublished {
  livekit::ParticipantInfo participant;
  livekit::TrackInfo track;
};
struct TrackUnpublished {
  livekit::ParticipantInfo participant;
  livekit::TrackInfo track;
};
using RoomFact = std::variant<ParticipantJoined, ParticipantLeft, TrackPublished, TrackUnpublished>;

using Effect = std::variant<SendSignal, CloseSignal, SendWorkerCommand, RoomFact, RoomClosed>;

}  // namespace sfu::room
