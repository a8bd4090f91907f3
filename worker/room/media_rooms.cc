#include "worker/room/media_rooms.h"

#include <algorithm>
#include <utility>

namespace sfu::mediaroom {

MediaRooms::MediaRooms(const transport::TransportEnvironment& environment,
                       std::shared_ptr<const dtls::Context> dtls, const NtpClock& ntp)
    : environment_{environment, std::move(dtls), ntp, counters_, flush_} {}

MediaRooms::~MediaRooms() = default;

MediaRoom& MediaRooms::OpenRoom(Timestamp now, RoomHandle handle) {
  std::unique_ptr<MediaRoom>& room = rooms_[handle];
  if (room == nullptr) {
    room = std::make_unique<MediaRoom>(now, handle, environment_, events_);
    room_deadlines_.Arm(handle, room->NextTimeout());
  }
  return *room;
}

MediaRoom* MediaRooms::FindRoom(RoomHandle handle) {
  const auto room = rooms_.find(handle);
  return room == rooms_.end() ? nullptr : room->second.get();
}

void MediaRooms::CloseRoom(Timestamp now, RoomHandle handle) {
  const auto room = rooms_.find(handle);
  if (room == rooms_.end()) {
    return;
  }
  while (!room->second->transports().empty()) {
    CloseTransport(now, *room->second, room->second->transports().begin()->first);
  }
  // Its transports refer to its track table, so it stays until they have said goodbye.
  room_deadlines_.Disarm(handle);
  retired_rooms_.push_back(std::move(room->second));
  rooms_.erase(room);
}

Expected<RoomTransport*, Refusal> MediaRooms::OpenTransport(Timestamp now, MediaRoom& room,
                                                            TransportHandle handle,
                                                            const TransportOptions& options) {
  const transport::TransportId id(next_transport_id_);
  const Expected<RoomTransport*, Refusal> opened = room.OpenTransport(handle, options, id);
  if (opened && (*opened)->transport().id() == id) {
    ++next_transport_id_;
    transports_.emplace(id, Place{&room, *opened});
    transport_deadlines_.Arm(id, std::max(now, (*opened)->NextTimeout()));
  }
  return opened;
}

void MediaRooms::CloseTransport(Timestamp now, MediaRoom& room, TransportHandle handle) {
  std::unique_ptr<RoomTransport> transport = room.RemoveTransport(now, handle);
  if (transport != nullptr) {
    transport_deadlines_.Disarm(transport->transport().id());
    transports_.erase(transport->transport().id());
    retired_.push_back(std::move(transport));
  }
}

void MediaRooms::RemoveParticipant(Timestamp now, MediaRoom& room, ParticipantHandle participant) {
  for (const TransportHandle handle : room.TransportsOf(participant)) {
    CloseTransport(now, room, handle);
  }
  room.RemoveParticipant(participant);
}

void MediaRooms::HandleCommanded(MediaRoom& room) {
  for (const auto& [handle, transport] : room.transports()) {
    transport->outlet().MarkPending();
    transport_deadlines_.Arm(transport->transport().id(), transport->NextTimeout());
  }
}

void MediaRooms::HandleDatagram(Timestamp now, transport::TransportId id, const ice::Path& path,
                                rtp::PacketRef packet) {
  const auto place = transports_.find(id);
  if (place == transports_.end()) {
    return;  // Closed by a command of this very pass.
  }
  RoomTransport& transport = *place->second.transport;
  transport.transport().HandleDatagram(now, path, std::move(packet), outputs_);
  place->second.room->HandleOutputs(now, transport, outputs_);
  transport_deadlines_.Arm(id, transport.NextTimeout());
}

void MediaRooms::HandleTimeout(Timestamp now) {
  while (const auto id = transport_deadlines_.PollDue(now)) {
    HandleTransportTimeout(now, *id);
  }
  while (const auto handle = room_deadlines_.PollDue(now)) {
    MediaRoom& room = *rooms_.at(*handle);
    room.HandleTimeout(now);
    room_deadlines_.Arm(*handle, room.NextTimeout());
  }
}

void MediaRooms::HandleTransportTimeout(Timestamp now, transport::TransportId id) {
  const Place place = transports_.at(id);
  place.transport->HandleTimeout(now, outputs_);
  place.room->HandleOutputs(now, *place.transport, outputs_);
  // Armed for later than now even if something is still due, so that one transport cannot hold the
  // pass: it gets its turn in the next.
  constexpr absl::Duration kBreath = absl::Microseconds(1);
  transport_deadlines_.Arm(id, std::max(place.transport->NextTimeout(), now + kBreath));
}

Timestamp MediaRooms::NextTimeout() const {
  return std::min(transport_deadlines_.NextTimeout(), room_deadlines_.NextTimeout());
}

void MediaRooms::RearmDeadline(transport::TransportId id) {
  const auto place = transports_.find(id);
  if (place != transports_.end()) {
    transport_deadlines_.Arm(id, place->second.transport->NextTimeout());
  }
}

bool MediaRooms::Flush(Timestamp now, transport::DatagramBatch& batch) {
  while (flushed_ < flush_.size()) {
    Outlet& outlet = *flush_[flushed_];
    if (!outlet.Flush(now, batch)) {
      return true;
    }
    ++flushed_;
    if (outlet.TakeTouched()) {
      RearmDeadline(outlet.id());
    }
    if (batch.full()) {
      break;
    }
  }
  if (flushed_ < flush_.size()) {
    return true;
  }
  flush_.clear();
  flushed_ = 0;
  retired_.clear();
  retired_rooms_.clear();
  return false;
}

}  // namespace sfu::mediaroom
