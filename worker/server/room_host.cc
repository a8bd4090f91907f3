#include "worker/server/room_host.h"

#include <utility>

#include "worker/server/event_conversion.h"
#include "worker/server/parameter_conversion.h"

namespace sfu::worker {
namespace {

using mediaroom::MediaRoom;
using mediaroom::ParticipantHandle;
using mediaroom::RoomTransport;
using mediaroom::SenderHandle;
using mediaroom::TrackHandle;
using mediaroom::TransportHandle;

v1::Refusal ToProto(mediaroom::Refusal refusal) {
  switch (refusal) {
    case mediaroom::Refusal::kUnknownParticipant:
      return v1::REFUSAL_UNKNOWN_PARTICIPANT;
    case mediaroom::Refusal::kUnknownTransport:
      return v1::REFUSAL_UNKNOWN_TRANSPORT;
  }
  return v1::REFUSAL_INVALID;
}

constexpr v1::Refusal kApplied = v1::REFUSAL_UNSPECIFIED;

}  // namespace

RoomHost::RoomHost(const media::MediaThreadContext& context, const Clock& clock,
                   std::shared_ptr<const dtls::Context> dtls,
                   sctp::AssociationFactory& associations)
    : candidates_(context.candidates),
      rooms_({context.thread_index, context.table, context.transport_counters, context.random,
              associations},
             std::move(dtls), mediaroom::NtpClock(clock.Now(), clock.WallNow())) {}

void RoomHost::HandleCommand(Timestamp now, mediaroom::RoomHandle room,
                             const v1::RoomCommand& command,
                             const std::shared_ptr<ControllerOutbox>& outbox) {
  v1::WorkerMessage message;
  v1::CommandResult& result = *message.mutable_result();
  result.set_request_id(command.request_id());
  Attachment& attachment = attachments_[room];
  if (command.epoch() < attachment.epoch) {
    result.set_refusal(v1::REFUSAL_STALE_EPOCH);
  } else {
    attachment = {command.room(), command.epoch(), outbox};
    result.set_refusal(Apply(now, room, command, result));
  }
  outbox->Send(std::move(message));
  ReportEvents();
  if (rooms_.FindRoom(room) == nullptr) {
    attachments_.erase(room);
  }
  UpdateCounts();
}

v1::Refusal RoomHost::Apply(Timestamp now, mediaroom::RoomHandle handle,
                            const v1::RoomCommand& command, v1::CommandResult& result) {
  if (command.has_configure_room()) {
    rooms_.OpenRoom(now, handle).Configure(FromProto(command.configure_room().audio_levels()));
    return kApplied;
  }
  if (command.has_close_room()) {
    rooms_.CloseRoom(now, handle);
    return kApplied;
  }
  MediaRoom* const room = rooms_.FindRoom(handle);
  if (room == nullptr) {
    return v1::REFUSAL_UNKNOWN_ROOM;
  }
  const v1::Refusal refusal = ApplyToRoom(now, *room, command, result);
  rooms_.HandleCommanded(*room);
  return refusal;
}

v1::Refusal RoomHost::ApplyToRoom(Timestamp now, MediaRoom& room, const v1::RoomCommand& command,
                                  v1::CommandResult& result) {
  switch (command.command_case()) {
    case v1::RoomCommand::kConfigureParticipant:
      room.ConfigureParticipant(ParticipantHandle(command.configure_participant().participant()),
                                FromProto(command.configure_participant()));
      return kApplied;
    case v1::RoomCommand::kRemoveParticipant:
      rooms_.RemoveParticipant(now, room,
                               ParticipantHandle(command.remove_participant().participant()));
      return kApplied;
    case v1::RoomCommand::kSetTrackMuted:
      room.SetTrackMuted(TrackHandle(command.set_track_muted().track()),
                         command.set_track_muted().muted());
      return kApplied;
    case v1::RoomCommand::kConfigureSubscription:
      room.ConfigureSubscription(now, SenderHandle(command.configure_subscription().sender()),
                                 FromProto(command.configure_subscription()));
      return kApplied;
    case v1::RoomCommand::kSendData:
      return SendData(now, room, command.send_data());
    case v1::RoomCommand::kOpenTransport:
      return OpenTransport(now, room, command.open_transport(), result);
    case v1::RoomCommand::kCloseTransport:
      rooms_.CloseTransport(now, room, TransportHandle(command.close_transport().transport()));
      return kApplied;
    default:
      return ApplyToTransport(now, room, command, result);
  }
}

v1::Refusal RoomHost::ApplyToTransport(Timestamp now, MediaRoom& room,
                                       const v1::RoomCommand& command, v1::CommandResult& result) {
  RoomTransport* const transport = room.FindTransport(TransportOf(command));
  if (transport == nullptr) {
    return v1::REFUSAL_UNKNOWN_TRANSPORT;
  }
  if (command.has_configure_transport()) {
    transport->transport().Configure(now, FromProto(command.configure_transport()));
    return kApplied;
  }
  if (command.has_restart_ice()) {
    transport->transport().RestartIce(now);
    *result.mutable_transport_opened() = DescribeTransport(transport->transport(), candidates_);
    return kApplied;
  }
  if (command.has_configure_receivers()) {
    const auto receivers = FromProto(command.configure_receivers());
    if (!receivers) {
      return v1::REFUSAL_INVALID;
    }
    room.ConfigureReceivers(now, *transport, *receivers);
    return kApplied;
  }
  const auto senders = FromProto(command.configure_senders());
  if (!senders) {
    return v1::REFUSAL_INVALID;
  }
  room.ConfigureSenders(now, *transport, *senders);
  return kApplied;
}

TransportHandle RoomHost::TransportOf(const v1::RoomCommand& command) {
  switch (command.command_case()) {
    case v1::RoomCommand::kConfigureTransport:
      return TransportHandle(command.configure_transport().transport());
    case v1::RoomCommand::kRestartIce:
      return TransportHandle(command.restart_ice().transport());
    case v1::RoomCommand::kConfigureReceivers:
      return TransportHandle(command.configure_receivers().transport());
    case v1::RoomCommand::kConfigureSenders:
      return TransportHandle(command.configure_senders().transport());
    default:
      return TransportHandle(0);  // A command of a newer controller: names no transport of ours.
  }
}

v1::Refusal RoomHost::OpenTransport(Timestamp now, MediaRoom& room,
                                    const v1::OpenTransport& command, v1::CommandResult& result) {
  const auto opened =
      rooms_.OpenTransport(now, room, TransportHandle(command.transport()), FromProto(command));
  if (!opened) {
    return ToProto(opened.error());
  }
  *result.mutable_transport_opened() = DescribeTransport((*opened)->transport(), candidates_);
  return kApplied;
}

v1::Refusal RoomHost::SendData(Timestamp now, MediaRoom& room, const v1::SendData& command) {
  std::vector<ParticipantHandle> receivers;
  for (const uint64_t participant : command.participants()) {
    receivers.emplace_back(participant);
  }
  room.SendData(now, command.reliable() ? data::Channel::kReliable : data::Channel::kLossy,
                command.packet(), receivers);
  return kApplied;
}

void RoomHost::SendSnapshot(mediaroom::RoomHandle handle, ControllerOutbox& outbox) {
  const auto attachment = attachments_.find(handle);
  MediaRoom* const room = rooms_.FindRoom(handle);
  if (attachment == attachments_.end() || room == nullptr) {
    return;
  }
  v1::WorkerMessage message;
  v1::RoomSnapshot& snapshot = *message.mutable_snapshot();
  snapshot.set_room(attachment->second.controller_room);
  snapshot.set_epoch(attachment->second.epoch);
  for (const auto& [transport, unused] : room->transports()) {
    snapshot.add_transports(transport.value());
  }
  outbox.Send(std::move(message));
}

void RoomHost::CloseRoom(Timestamp now, mediaroom::RoomHandle room) {
  rooms_.CloseRoom(now, room);
  attachments_.erase(room);
  UpdateCounts();
}

void RoomHost::HandleDatagram(Timestamp now, transport::TransportId transport,
                              const ice::Path& path, rtp::PacketRef packet) {
  rooms_.HandleDatagram(now, transport, path, std::move(packet));
}

void RoomHost::HandleTimeout(Timestamp now) { rooms_.HandleTimeout(now); }

// The end of a pass, and so the moment to report what happened in it.
bool RoomHost::Flush(Timestamp now, transport::DatagramBatch& batch) {
  ReportEvents();
  return rooms_.Flush(now, batch);
}

void RoomHost::ReportEvents() {
  events_.clear();
  rooms_.TakeEvents(events_);
  for (const mediaroom::RoomEvent& event : events_) {
    const auto attachment = attachments_.find(event.room);
    if (attachment == attachments_.end()) {
      continue;  // The room was closed by the command that caused this.
    }
    v1::WorkerMessage message;
    *message.mutable_event() = worker::ToProto(event);
    message.mutable_event()->set_room(attachment->second.controller_room);
    attachment->second.outbox->Send(std::move(message));
  }
}

void RoomHost::UpdateCounts() {
  room_count_.store(static_cast<uint32_t>(rooms_.room_count()), std::memory_order_relaxed);
  transport_count_.store(static_cast<uint32_t>(rooms_.transport_count()),
                         std::memory_order_relaxed);
}

}  // namespace sfu::worker
