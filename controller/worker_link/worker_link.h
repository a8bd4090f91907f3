#pragma once

#include <string>

#include "proto/sfu/worker.pb.h"

namespace sfu::workerlink {

// What comes back from one worker. The link calls from threads of its own, one call at a time and
// in the order the worker sent things; the receiver only posts to where the room lives.
class WorkerLinkHandler {
 public:
  virtual ~WorkerLinkHandler() = default;

  // The worker is there and takes commands. `worker_id` is new when its process is.
  virtual void HandleAttached(const std::string& worker_id) = 0;
  // The stream is broken. The worker may well forward media still; commands wait.
  virtual void HandleDetached() = 0;
  // Every room the worker had from us is gone: its process ended, or it was out of reach for
  // longer than it keeps rooms. Comes before the HandleAttached() of a new process.
  virtual void HandleRoomsLost() = 0;

  virtual void HandleResult(worker::v1::CommandResult result) = 0;
  virtual void HandleEvent(worker::v1::RoomEvent event) = 0;
  virtual void HandleLoad(const worker::v1::LoadReport& load) = 0;
};

// The way to one worker: the seam between rooms and gRPC. Thread-safe.
class WorkerLink {
 public:
  virtual ~WorkerLink() = default;  // No call to the handler after it.

  // Commands of one caller keep their order. Never blocks: what cannot be sent now waits, within a
  // bound; beyond it the link breaks and the rooms are lost.
  virtual void Send(worker::v1::RoomCommand command) = 0;
};

}  // namespace sfu::workerlink
