#include "worker/server/worker_service.h"

#include <algorithm>
#include <utility>

#include "worker/server/room_host.h"

namespace sfu::worker {

WorkerService::WorkerService(std::vector<HostThread> hosts, std::string worker_id)
    : hosts_(std::move(hosts)), worker_id_(std::move(worker_id)) {}

void WorkerService::Attach(const std::string& controller_id, MessageWriter& writer) {
  const std::lock_guard lock(mutex_);
  Controller& controller = controllers_[controller_id];
  ++controller.attachments;
  v1::WorkerMessage greeting;
  greeting.mutable_attached()->set_worker_id(worker_id_);
  writer.Write(std::move(greeting));
  controller.outbox->Connect(&writer);
  for (const auto& [handle, room] : controller.rooms) {
    room.host.thread->Post([host = room.host.host, local = room.local, outbox = controller.outbox](
                               Timestamp) { host->SendSnapshot(local, *outbox); });
  }
}

std::optional<uint64_t> WorkerService::Detach(const std::string& controller_id,
                                              MessageWriter& writer) {
  const std::lock_guard lock(mutex_);
  const auto controller = controllers_.find(controller_id);
  if (controller == controllers_.end() || !controller->second.outbox->Disconnect(&writer)) {
    return std::nullopt;
  }
  return controller->second.attachments;
}

void WorkerService::EndOrphans(const std::string& controller_id, uint64_t token) {
  const std::lock_guard lock(mutex_);
  const auto controller = controllers_.find(controller_id);
  if (controller == controllers_.end() || controller->second.attachments != token) {
    return;
  }
  for (const auto& [handle, room] : controller->second.rooms) {
    room.host.thread->Post([host = room.host.host, local = room.local](Timestamp now) {
      host->CloseRoom(now, local);
    });
  }
  controllers_.erase(controller);
}

void WorkerService::HandleCommand(const std::string& controller_id, v1::RoomCommand command) {
  const std::lock_guard lock(mutex_);
  Controller& controller = controllers_[controller_id];
  auto room = controller.rooms.find(command.room());
  if (room == controller.rooms.end()) {
    if (!command.has_configure_room()) {
      Refuse(*controller.outbox, command, v1::REFUSAL_UNKNOWN_ROOM);
      return;
    }
    const PlacedRoom placed{mediaroom::RoomHandle(next_local_room_++), LeastLoaded()};
    room = controller.rooms.emplace(command.room(), placed).first;
  }
  const PlacedRoom placed = room->second;
  if (command.has_close_room()) {
    controller.rooms.erase(room);
  }
  const std::shared_ptr<ControllerOutbox> outbox = controller.outbox;
  // Kept aside: a refused task takes the command with it, and a refusal must name it.
  v1::RoomCommand header;
  header.set_request_id(command.request_id());
  const bool posted = placed.host.thread->Post(
      [host = placed.host.host, local = placed.local, command = std::move(command),
       outbox](Timestamp now) { host->HandleCommand(now, local, command, outbox); });
  if (!posted) {
    Refuse(*outbox, header, v1::REFUSAL_OVERLOADED);
  }
}

v1::LoadReport WorkerService::Load() const {
  v1::LoadReport report;
  report.set_media_threads(static_cast<uint32_t>(hosts_.size()));
  for (const HostThread& host : hosts_) {
    report.set_rooms(report.rooms() + host.host->room_count());
    report.set_transports(report.transports() + host.host->transport_count());
    report.set_cpu_load(std::max(report.cpu_load(), host.thread->load()));
  }
  return report;
}

void WorkerService::Broadcast(const v1::WorkerMessage& message) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, controller] : controllers_) {
    controller.outbox->Send(message);
  }
}

HostThread WorkerService::LeastLoaded() const {
  return *std::min_element(hosts_.begin(), hosts_.end(),
                           [](const HostThread& a, const HostThread& b) {
                             return std::pair(a.host->transport_count(), a.host->room_count()) <
                                    std::pair(b.host->transport_count(), b.host->room_count());
                           });
}

void WorkerService::Refuse(ControllerOutbox& outbox, const v1::RoomCommand& command,
                           v1::Refusal refusal) {
  v1::WorkerMessage message;
  message.mutable_result()->set_request_id(command.request_id());
  message.mutable_result()->set_refusal(refusal);
  outbox.Send(std::move(message));
}

}  // namespace sfu::worker
