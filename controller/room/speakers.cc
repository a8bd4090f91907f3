#include "controller/room/speakers.h"

#include <cmath>
#include <utility>
#include <vector>

#include "controller/room/client_traits.h"

namespace sfu::room {
namespace {

// Coarse steps, so that small changes are none.
float InEighths(float level) { return std::ceil(level * 8) / 8; }

}  // namespace

void Speakers::HandleChanged(const worker::v1::SpeakersChanged& changed, Members& members) {
  std::vector<std::pair<ParticipantHandle, livekit::SpeakerInfo>> speakers;
  for (const worker::v1::SpeakersChanged::Speaker& speaker : changed.speakers()) {
    const Member* member = members.Find(ParticipantHandle(speaker.participant()));
    if (member == nullptr) {
      continue;
    }
    livekit::SpeakerInfo info;
    info.set_sid(member->participant.sid());
    info.set_active(speaker.active());
    info.set_level(speaker.active() ? InEighths(speaker.level()) : 0);
    if (speaker.active()) {
      speaking_[member->handle()] = info;
    } else {
      speaking_.erase(member->handle());
    }
    speakers.emplace_back(member->handle(), std::move(info));
  }
  for (const auto& [handle, receiver] : members) {
    if (!SpeaksOfSpeakers(receiver->participant.client())) {
      continue;
    }
    livekit::SignalResponse response;
    for (const auto& [speaker, info] : speakers) {
      if (speaker == handle || receiver->subscriptions.Watches(speaker)) {
        *response.mutable_speakers_changed()->add_speakers() = info;
      }
    }
    if (response.has_speakers_changed()) {
      receiver->signal.Send(std::move(response));
    }
  }
}

void Speakers::SendAll(Member& receiver, const Members& members) const {
  livekit::SignalResponse response;
  for (const auto& [handle, member] : members) {
    if (member.get() != &receiver && !receiver.subscriptions.Watches(handle)) {
      continue;
    }
    livekit::SpeakerInfo& info = *response.mutable_speakers_changed()->add_speakers();
    const auto speaking = speaking_.find(handle);
    if (speaking != speaking_.end()) {
      info = speaking->second;
    } else {
      info.set_sid(member->participant.sid());
    }
  }
  if (SpeaksOfSpeakers(receiver.participant.client())) {
    receiver.signal.Send(std::move(response));
  }
}

void Speakers::SendCurrent(const Member& publisher, Member& receiver) const {
  const auto speaking = speaking_.find(publisher.handle());
  if (speaking == speaking_.end() || !SpeaksOfSpeakers(receiver.participant.client())) {
    return;
  }
  livekit::SignalResponse response;
  *response.mutable_speakers_changed()->add_speakers() = speaking->second;
  receiver.signal.Send(std::move(response));
}

}  // namespace sfu::room
