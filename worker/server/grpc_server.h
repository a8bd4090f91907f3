#pragma once

#include <map>
#include <memory>
#include <string>

#include <absl/time/time.h>

#include "common/runtime/loop.h"
#include "proto/sfu/worker.grpc.pb.h"
#include "worker/server/worker_service.h"

namespace sfu::worker {

// Shell: the gRPC face of WorkerService. One reactor per stream, with a bounded queue and one write
// outstanding at a time (gRPC 1.51's callback API corrupts memory otherwise).
//
// The reactor's callbacks run on gRPC's threads and only parse and post. Orphan graces run on
// `loop`.
class GrpcServer : public v1::Worker::CallbackService {
 public:
  // Both must outlive the server and every stream.
  GrpcServer(WorkerService& service, Loop& loop, absl::Duration orphan_grace);

  grpc::ServerBidiReactor<v1::ControllerMessage, v1::WorkerMessage>* Attach(
      grpc::CallbackServerContext* context) override;

 private:
  class Stream;

  // On `loop_`.
  void StartGrace(const std::string& controller_id, uint64_t token);

  WorkerService& service_;
  Loop& loop_;
  const absl::Duration orphan_grace_;
  // One per controller that ever left; fired ones stay, so that none destroys itself. On `loop_`.
  std::map<std::string, std::unique_ptr<LoopTimer>> graces_;
};

}  // namespace sfu::worker
