#include "controller/room/connection_qualities.h"

#include <utility>
#include <vector>

#include "controller/room/client_traits.h"

namespace sfu::room {
namespace {

void AddFor(const Member& receiver, livekit::ConnectionQualityInfo info,
            livekit::SignalResponse& response) {
  if (info.quality() == livekit::LOST && !KnowsQualityLost(receiver.participant.client())) {
    info.set_quality(livekit::POOR);
  }
  *response.mutable_connection_quality()->add_updates() = std::move(info);
}

}  // namespace

void ConnectionQualities::HandleChanged(const worker::v1::ConnectionQualities& changed,
                                        Members& members) {
  std::vector<std::pair<ParticipantHandle, livekit::ConnectionQualityInfo>> qualities;
  for (const worker::v1::ConnectionQualities::Quality& quality : changed.qualities()) {
    const Member* member = members.Find(ParticipantHandle(quality.participant()));
    const int value = static_cast<int>(quality.quality());
    if (member == nullptr || !livekit::ConnectionQuality_IsValid(value)) {
      continue;
    }
    livekit::ConnectionQualityInfo info;
    info.set_participant_sid(member->participant.sid());
    info.set_quality(static_cast<livekit::ConnectionQuality>(value));
    info.set_score(quality.score());
    known_[member->handle()] = info;
    qualities.emplace_back(member->handle(), std::move(info));
  }
  for (const auto& [handle, receiver] : members) {
    if (!SpeaksOfQuality(receiver->participant.client())) {
      continue;
    }
    livekit::SignalResponse response;
    for (const auto& [participant, info] : qualities) {
      if (participant == handle || receiver->subscriptions.Watches(participant)) {
        AddFor(*receiver, info, response);
      }
    }
    if (response.has_connection_quality()) {
      receiver->signal.Send(std::move(response));
    }
  }
}

void ConnectionQualities::SendAll(Member& receiver, const Members& members) const {
  livekit::SignalResponse response;
  for (const auto& [handle, member] : members) {
    const auto known = known_.find(handle);
    if (known != known_.end() &&
        (member.get() == &receiver || receiver.subscriptions.Watches(handle))) {
      AddFor(receiver, known->second, response);
    }
  }
  if (response.has_connection_quality() && SpeaksOfQuality(receiver.participant.client())) {
    receiver.signal.Send(std::move(response));
  }
}

void ConnectionQualities::SendCurrent(const Member& publisher, Member& receiver) const {
  const auto known = known_.find(publisher.handle());
  if (known == known_.end() || !SpeaksOfQuality(receiver.participant.client())) {
    return;
  }
  livekit::SignalResponse response;
  AddFor(receiver, known->second, response);
  receiver.signal.Send(std::move(response));
}

}  // namespace sfu::room
