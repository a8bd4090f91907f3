#include "tests/simulation/random_call.h"

#include <algorithm>
#include <set>

#include <absl/strings/numbers.h>
#include <fmt/format.h>

namespace sfu {

void RandomCall::RunFor(absl::Duration duration) {
  const Timestamp end = conference_.now() + duration;
  while (conference_.now() < end && conference_.breaches().empty()) {
    ActOnce();
    conference_.RunFor(absl::Milliseconds(20 + random_.NextBelow(500)));
  }
}

std::vector<size_t> RandomCall::Present() const {
  std::vector<size_t> present;
  for (size_t i = 0; i < conference_.client_count(); ++i) {
    if (!conference_.gone(i)) {
      present.push_back(i);
    }
  }
  return present;
}

std::vector<uint32_t> RandomCall::Named(size_t client) const {
  std::vector<uint32_t> named;
  for (const uint32_t number : conference_.client(client).Published()) {
    if (!conference_.SidOf(number).empty()) {
      named.push_back(number);
    }
  }
  return named;
}

void RandomCall::ActOnce() {
  const std::vector<size_t> present = Present();
  if (present.size() < 2 || (present.size() < kMaxPresent && Chance(12))) {
    return Join();
  }
  if (Chance(options_.cuts_percent)) {
    return CutSignal();
  }
  if (Chance(5)) {
    return Leave();
  }
  const size_t client = Pick(present);
  if (!conference_.client(client).joined()) {
    return;
  }
  if (conference_.client(client).Published().size() < kMaxTracksEach && Chance(30)) {
    return Publish(client);
  }
  if (Chance(30)) {
    return ActOnOwnTrack(client);
  }
  if (Chance(60)) {
    return ActOnOthersTrack(client);
  }
  SendData(client);
}

void RandomCall::Join() {
  SimulatedConference::Joining joining;
  joining.room = random_.NextBelow(static_cast<uint32_t>(options_.rooms));
  joining.single_connection = Chance(50);
  joining.can_subscribe = !Chance(10);
  joining.can_publish_data = !Chance(20);
  const size_t client = conference_.Join(joining);
  may_send_data_[client] = joining.can_publish_data;
  Count(joining.single_connection ? "join, single" : "join, dual");
}

// The server notices before the client is back, or after, and the client comes back at once or
// late.
void RandomCall::CutSignal() {
  const absl::Duration noticed_after =
      absl::Milliseconds(random_.NextBelow(Chance(50) ? 100 : 35'000));
  const absl::Duration back_after =
      absl::Milliseconds(50 + random_.NextBelow(Chance(70) ? 500 : 12'000));
  if (conference_.CutSignal(Pick(Present()), noticed_after, back_after)) {
    Count("cut");
  }
}

void RandomCall::Leave() {
  const size_t client = Pick(Present());
  Count("leave");
  Chance(70) ? conference_.Leave(client) : conference_.Vanish(client);
}

void RandomCall::Publish(size_t client) {
  const bool audio = Chance(50);
  Count(audio ? "publish audio" : "publish video");
  conference_.Publish(client, audio ? rtp::MediaKind::kAudio : rtp::MediaKind::kVideo);
}

void RandomCall::ActOnOwnTrack(size_t client) {
  if (Chance(15)) {
    Count("restrict");
    return Chance(50) ? conference_.AllowOnly(client, std::vector<size_t>{Pick(Present())})
                      : conference_.AllowOnly(client, std::nullopt);
  }
  const std::vector<uint32_t> tracks = Named(client);
  if (tracks.empty()) {
    return;
  }
  const uint32_t track = Pick(tracks);
  if (Chance(25)) {
    Count("unpublish");
    return conference_.Unpublish(track);
  }
  Count("mute");
  conference_.SetMuted(track, Chance(50));
}

void RandomCall::ActOnOthersTrack(size_t client) {
  const size_t other = Pick(Present());
  if (other == client || conference_.RoomOf(other) != conference_.RoomOf(client)) {
    return;
  }
  const std::vector<uint32_t> tracks = Named(other);
  if (tracks.empty()) {
    return;
  }
  const uint32_t track = Pick(tracks);
  switch (random_.NextBelow(6)) {
    case 0:
      Count("unsubscribe");
      return conference_.SetSubscribed(client, track, false);
    case 1:
      Count("subscribe");
      return conference_.SetSubscribed(client, track, true);
    case 2:
      Count("disable");
      return conference_.SetDisabled(client, track, Chance(50));
    case 3:
      Count("key frame");
      return conference_.RequestKeyframes(client);
    default:
      Count("quality");
      return conference_.SetQuality(client, track,
                                    static_cast<livekit::VideoQuality>(random_.NextBelow(3)));
  }
}

void RandomCall::SendData(size_t client) {
  SentData sent;
  sent.sender = client;
  sent.reliable = Chance(60);
  sent.permitted = may_send_data_[client];
  if (Chance(40)) {
    sent.to = {Pick(Present())};
  }
  for (const size_t other : Present()) {
    if (other != client && conference_.RoomOf(other) == conference_.RoomOf(client) &&
        conference_.client(other).joined() && conference_.client(other).MayReceiveData()) {
      sent.listeners.push_back(other);
    }
  }
  if (conference_.SendData(client, sent.reliable, std::to_string(data_.size()), sent.to)) {
    Count(sent.reliable ? "data, reliable" : "data, lossy");
    data_.push_back(std::move(sent));
  }
}

std::vector<std::string> RandomCall::CheckData() {
  std::vector<std::string> breaches;
  const auto is_meant = [](const SentData& sent, size_t client) {
    return sent.permitted &&
           (sent.to.empty() || std::find(sent.to.begin(), sent.to.end(), client) != sent.to.end());
  };
  for (size_t client = 0; client < conference_.client_count(); ++client) {
    std::set<size_t> arrived;
    for (const livekit::DataPacket& packet : conference_.client(client).data()) {
      size_t number = 0;
      if (!absl::SimpleAtoi(packet.user().payload(), &number) || number >= data_.size()) {
        breaches.push_back(fmt::format("client {} received data of nobody", client));
        continue;
      }
      const SentData& sent = data_[number];
      if (!arrived.insert(number).second) {
        breaches.push_back(fmt::format("client {} received data {} twice", client, number));
      }
      if (sent.sender == client || !is_meant(sent, client) ||
          conference_.RoomOf(sent.sender) != conference_.RoomOf(client)) {
        breaches.push_back(fmt::format("client {} received data {} of {}, not meant for it", client,
                                       number, sent.sender));
      }
      if (packet.participant_identity() != conference_.IdentityOf(sent.sender)) {
        breaches.push_back(fmt::format("data {} arrived under a wrong name", number));
      }
    }
    for (size_t number = 0; number < data_.size() && !conference_.gone(client); ++number) {
      const SentData& sent = data_[number];
      const bool listened =
          std::find(sent.listeners.begin(), sent.listeners.end(), client) != sent.listeners.end();
      if (sent.reliable && listened && is_meant(sent, client) && !conference_.gone(sent.sender) &&
          !arrived.contains(number)) {
        breaches.push_back(fmt::format("client {} missed reliable data {}", client, number));
      }
    }
  }
  return breaches;
}

void RandomCall::EndPauses() {
  for (const size_t client : Present()) {
    conference_.AllowOnly(client, std::nullopt);
    for (const uint32_t track : Named(client)) {
      conference_.SetMuted(track, false);
      for (const size_t other : Present()) {
        if (other != client && conference_.RoomOf(other) == conference_.RoomOf(client)) {
          conference_.SetSubscribed(other, track, true);
          conference_.SetDisabled(other, track, false);
        }
      }
    }
  }
}

void RandomCall::EverybodyLeaves() {
  for (const size_t client : Present()) {
    conference_.Leave(client);
  }
}

}  // namespace sfu
