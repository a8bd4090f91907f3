#include "worker/server/grpc_server.h"

#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace sfu::worker {
namespace {

// Results and events wait here while the controller does not read. Far above what a live one leaves
// waiting; beyond it the stream is broken, and the snapshot of the next one makes up for it.
constexpr size_t kQueueLimitMessages = 65'536;

}  // namespace

class GrpcServer::Stream : public grpc::ServerBidiReactor<v1::ControllerMessage, v1::WorkerMessage>,
                           public MessageWriter {
 public:
  Stream(GrpcServer& server, grpc::CallbackServerContext* context)
      : server_(server), context_(context) {
    StartRead(&incoming_);
  }

  void Write(v1::WorkerMessage message) override {
    const std::lock_guard lock(mutex_);
    if (finishing_) {
      return;
    }
    if (queue_.size() >= kQueueLimitMessages) {
      context_->TryCancel();
      return;
    }
    queue_.push_back(std::move(message));
    if (queue_.size() == 1) {
      StartWrite(&queue_.front());
    }
  }

  void OnWriteDone(bool ok) override {
    const std::lock_guard lock(mutex_);
    queue_.pop_front();
    if (!ok) {
      queue_.clear();
      return;
    }
    if (!queue_.empty() && !finishing_) {
      StartWrite(&queue_.front());
    }
  }

  void OnReadDone(bool ok) override {
    if (!ok || !Handle(std::move(incoming_))) {
      End(ok ? grpc::Status(grpc::StatusCode::FAILED_PRECONDITION,
                            "the first message, and only that, must be AttachRequest")
             : grpc::Status::OK);
      return;
    }
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnDone() override { delete this; }

 private:
  bool Handle(v1::ControllerMessage message) {
    if (message.has_attach()) {
      if (controller_id_) {
        return false;
      }
      controller_id_ = message.attach().controller_id();
      server_.service_.Attach(*controller_id_, *this);
      return true;
    }
    if (!controller_id_) {
      return false;
    }
    if (message.has_command()) {
      server_.service_.HandleCommand(*controller_id_, std::move(*message.mutable_command()));
    }
    return true;
  }

  void End(const grpc::Status& status) {
    if (controller_id_) {
      if (const auto token = server_.service_.Detach(*controller_id_, *this)) {
        server_.loop_.Post([server = &server_, id = *controller_id_, token = *token] {
          server->StartGrace(id, token);
        });
      }
    }
    const std::lock_guard lock(mutex_);
    finishing_ = true;
    Finish(status);
  }

  GrpcServer& server_;
  grpc::CallbackServerContext* const context_;
  v1::ControllerMessage incoming_;
  std::optional<std::string> controller_id_;  // Read callbacks only.

  std::mutex mutex_;
  std::deque<v1::WorkerMessage> queue_;  // The front one is being written.
  bool finishing_ = false;
};

GrpcServer::GrpcServer(WorkerService& service, Loop& loop, absl::Duration orphan_grace)
    : service_(service), loop_(loop), orphan_grace_(orphan_grace) {}

grpc::ServerBidiReactor<v1::ControllerMessage, v1::WorkerMessage>* GrpcServer::Attach(
    grpc::CallbackServerContext* context) {
  return new Stream(*this, context);  // Deletes itself in OnDone(), as gRPC asks.
}

void GrpcServer::StartGrace(const std::string& controller_id, uint64_t token) {
  std::unique_ptr<LoopTimer>& grace = graces_[controller_id];
  grace = loop_.CreateTimer(
      [this, controller_id, token] { service_.EndOrphans(controller_id, token); });
  grace->WakeAt(loop_.Now() + orphan_grace_);
}

}  // namespace sfu::worker
