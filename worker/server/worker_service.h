#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "proto/sfu/worker.pb.h"
#include "worker/media/media_thread.h"
#include "worker/room/handles.h"
#include "worker/server/controller_outbox.h"

namespace sfu::worker {

class RoomHost;

// A media thread and its rooms, as the service needs them.
struct HostThread {
  media::MediaThread* thread;
  RoomHost* host;  // Touched on `thread` only, but for its counts.
};

// Which media thread carries which room of which controller: places rooms, posts commands to their
// threads, and ends the rooms of controllers that stay away. Knows protobuf, not gRPC.
//
// Thread-safe: gRPC calls from its own threads. The lock is per command, never per packet.
class WorkerService {
 public:
  explicit WorkerService(std::vector<HostThread> hosts, std::string worker_id);

  // A stream has begun; `writer` stays valid until Detach(). Greets the controller, then reports
  // the rooms it already has here.
  void Attach(const std::string& controller_id, MessageWriter& writer);

  // The stream is over. Returns a token for EndOrphans(), to be called when the grace has passed;
  // nullopt if a newer stream of the same controller has taken over already.
  std::optional<uint64_t> Detach(const std::string& controller_id, MessageWriter& writer);

  // Closes the controller's rooms, unless it has attached again since that Detach().
  void EndOrphans(const std::string& controller_id, uint64_t token);

  void HandleCommand(const std::string& controller_id, v1::RoomCommand command);

  v1::LoadReport Load() const;
  // To every controller attached now.
  void Broadcast(const v1::WorkerMessage& message);

 private:
  struct PlacedRoom {
    mediaroom::RoomHandle local;
    HostThread host;
  };
  struct Controller {
    std::shared_ptr<ControllerOutbox> outbox = std::make_shared<ControllerOutbox>();
    uint64_t attachments = 0;
    std::map<uint64_t, PlacedRoom> rooms;  // By the controller's handle.
  };

  HostThread LeastLoaded() const;
  static void Refuse(ControllerOutbox& outbox, const v1::RoomCommand& command, v1::Refusal refusal);

  const std::vector<HostThread> hosts_;
  const std::string worker_id_;
  mutable std::mutex mutex_;
  std::map<std::string, Controller> controllers_;
  uint64_t next_local_room_ = 1;
};

}  // namespace sfu::worker
