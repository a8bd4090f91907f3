#pragma once

#include <functional>
#include <memory>
#include <string>

#include <absl/time/time.h>
#include <grpcpp/channel.h>

#include "common/base/random.h"
#include "common/runtime/loop.h"
#include "controller/worker_link/worker_link.h"

namespace sfu::workerlink {

struct GrpcWorkerLinkOptions {
  std::string controller_id;
  // How long the worker is asked to keep our rooms when it does not hear from us, and how long we
  // believe that it does.
  absl::Duration orphan_grace = absl::Seconds(30);
  absl::Duration min_backoff = absl::Milliseconds(100);
  absl::Duration max_backoff = absl::Seconds(5);
  std::string name;  // For the log: the address, or "in-process".
};

// A WorkerLink over one gRPC stream, remade after breaks with growing, jittered pauses. gRPC 1.51's
// callback API allows one outstanding write; the queue in front of it is the only writer.
//
// `loop` runs the reconnect timer; gRPC's threads call the handler. Both, and `random`, must
// outlive the link. Construct and destroy it off the loop; destruction waits for the stream's end.
class GrpcWorkerLink : public WorkerLink {
 public:
  GrpcWorkerLink(std::shared_ptr<grpc::Channel> channel, GrpcWorkerLinkOptions options, Loop& loop,
                 Random& random, WorkerLinkHandler& handler);
  ~GrpcWorkerLink() override;

  void Send(worker::v1::RoomCommand command) override;

  // Implementation; named here so that its streams can be.
  class Core;

 private:
  const std::shared_ptr<Core> core_;
};

// A channel to a worker in another process, without encryption: the two halves share a private
// network.
std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address);

}  // namespace sfu::workerlink
