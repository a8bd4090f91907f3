#include "controller/worker_link/grpc_worker_link.h"

#include <algorithm>
#include <utility>

#include <absl/base/thread_annotations.h>
#include <absl/synchronization/mutex.h>
#include <absl/synchronization/notification.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include "common/log/log.h"
#include "controller/worker_link/command_queue.h"
#include "proto/sfu/worker.grpc.pb.h"

namespace sfu::workerlink {
namespace {

using worker::v1::ControllerMessage;
using worker::v1::WorkerMessage;

}  // namespace

// State shared by the link, its timer and its present stream. The mutex is taken per command and
// per message of one worker; media packets never come here.
class GrpcWorkerLink::Core : public std::enable_shared_from_this<Core> {
 public:
  Core(std::shared_ptr<grpc::Channel> channel, GrpcWorkerLinkOptions options, Loop& loop,
       Random& random, WorkerLinkHandler& handler)
      : options_(std::move(options)),
        loop_(loop),
        random_(random),
        handler_(handler),
        stub_(worker::v1::Worker::NewStub(channel)) {}

  void Start();
  void Stop();
  void Send(worker::v1::RoomCommand command);

 private:
  class Stream;

  void Connect();
  void ScheduleReconnect();
  void HandleMessage(WorkerMessage message);
  void HandleAttached(const std::string& worker_id);
  void LoseRooms();
  // No write starts on the present stream any more.
  void ForgetStream();
  void HandleStreamDone(const grpc::Status& status);
  // With `mutex_` held: starts a write unless one is outstanding.
  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void HandleWriteDone(bool ok);

  const GrpcWorkerLinkOptions options_;
  Loop& loop_;
  Random& random_;  // On `loop_`.
  WorkerLinkHandler& handler_;
  const std::unique_ptr<worker::v1::Worker::Stub> stub_;

  // Stream callbacks, which gRPC never overlaps, and the loop between two streams.
  std::string worker_id_;
  Timestamp detached_at_ = Timestamp::Never();

  std::unique_ptr<LoopTimer> reconnect_timer_;  // On `loop_`.
  absl::Duration backoff_;                      // On `loop_`.

  absl::Mutex mutex_;
  CommandQueue queue_ ABSL_GUARDED_BY(mutex_);
  Stream* stream_ ABSL_GUARDED_BY(mutex_) = nullptr;  // While it may be written to.
  bool running_ ABSL_GUARDED_BY(mutex_) = false;      // A stream exists.
  bool attached_ ABSL_GUARDED_BY(mutex_) = false;
  bool writing_ ABSL_GUARDED_BY(mutex_) = false;
  bool overflowed_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::Notification stopped_;
};

// One attempt. Deletes itself when gRPC is done with it.
class GrpcWorkerLink::Core::Stream
    : public grpc::ClientBidiReactor<ControllerMessage, WorkerMessage> {
 public:
  explicit Stream(std::shared_ptr<Core> core) : core_(std::move(core)) {}

  void Start() {
    core_->stub_->async()->Attach(&context_, this);
    // Writes come from any thread, also when no callback is running: gRPC must not end the stream
    // between two of them.
    AddHold();
    outgoing_.mutable_attach()->set_controller_id(core_->options_.controller_id);
    outgoing_.mutable_attach()->mutable_orphan_grace()->set_seconds(
        absl::ToInt64Seconds(core_->options_.orphan_grace));
    StartWrite(&outgoing_);
    StartRead(&incoming_);
    StartCall();
  }

  void Write(const worker::v1::RoomCommand& command) {
    outgoing_.Clear();
    *outgoing_.mutable_command() = command;
    StartWrite(&outgoing_);
  }

  void Cancel() { context_.TryCancel(); }

  void OnReadDone(bool ok) override {
    if (!ok) {
      core_->ForgetStream();
      RemoveHold();
      return;
    }
    core_->HandleMessage(std::move(incoming_));
    incoming_.Clear();
    StartRead(&incoming_);
  }

  void OnWriteDone(bool ok) override { core_->HandleWriteDone(ok); }

  void OnDone(const grpc::Status& status) override {
    const std::shared_ptr<Core> core = std::move(core_);
    delete this;
    core->HandleStreamDone(status);
  }

 private:
  std::shared_ptr<Core> core_;
  grpc::ClientContext context_;
  ControllerMessage outgoing_;  // One at a time.
  WorkerMessage incoming_;
};

void GrpcWorkerLink::Core::Start() {
  loop_.Post([core = shared_from_this()] {
    core->backoff_ = core->options_.min_backoff;
    core->reconnect_timer_ = core->loop_.CreateTimer([raw = core.get()] { raw->Connect(); });
    core->Connect();
  });
}

// On `loop_`.
void GrpcWorkerLink::Core::Connect() {
  Stream* stream = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    if (stopping_) {
      return;
    }
    stream = new Stream(shared_from_this());
    stream_ = stream;
    running_ = true;
    writing_ = true;  // The AttachRequest.
    queue_.Rewind();
  }
  stream->Start();
}

// On `loop_`, between two streams.
void GrpcWorkerLink::Core::ScheduleReconnect() {
  if (!reconnect_timer_) {
    return;
  }
  if (!worker_id_.empty() && loop_.Now() - detached_at_ > options_.orphan_grace) {
    log::Write(log::Level::kWarning, "worker_link.given_up",
               {{"worker", log::Public(options_.name)}});
    LoseRooms();
    worker_id_.clear();
  }
  // Between half and all of the pause, so that many controllers do not come back at one instant.
  const double jitter = 0.5 + random_.NextBelow(1000) / 2000.0;
  reconnect_timer_->WakeAt(loop_.Now() + jitter * backoff_);
  backoff_ = std::min(backoff_ * 2, options_.max_backoff);
}

void GrpcWorkerLink::Core::Stop() {
  bool wait = false;
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  RunAndWait(loop_, [this] { reconnect_timer_.reset(); });
  {
    absl::MutexLock lock(&mutex_);
    wait = running_;
    if (stream_ != nullptr) {
      stream_->Cancel();
    }
  }
  if (wait) {
    stopped_.WaitForNotification();
  }
}

void GrpcWorkerLink::Core::Send(worker::v1::RoomCommand command) {
  absl::MutexLock lock(&mutex_);
  if (!queue_.Push(std::move(command))) {
    overflowed_ = true;
    if (stream_ != nullptr) {
      stream_->Cancel();
    }
    return;
  }
  WriteNext();
}

void GrpcWorkerLink::Core::WriteNext() {
  if (!attached_ || writing_ || stream_ == nullptr) {
    return;
  }
  if (const worker::v1::RoomCommand* command = queue_.Next()) {
    writing_ = true;
    stream_->Write(*command);
  }
}

void GrpcWorkerLink::Core::HandleWriteDone(bool ok) {
  absl::MutexLock lock(&mutex_);
  writing_ = false;
  if (ok) {
    WriteNext();
  }
}

void GrpcWorkerLink::Core::HandleMessage(WorkerMessage message) {
  switch (message.message_case()) {
    case WorkerMessage::kAttached:
      HandleAttached(message.attached().worker_id());
      break;
    case WorkerMessage::kResult: {
      {
        absl::MutexLock lock(&mutex_);
        queue_.Answered(message.result().request_id());
      }
      handler_.HandleResult(std::move(*message.mutable_result()));
      break;
    }
    case WorkerMessage::kEvent:
      handler_.HandleEvent(std::move(*message.mutable_event()));
      break;
    case WorkerMessage::kLoad:
      handler_.HandleLoad(message.load());
      break;
    case WorkerMessage::kSnapshot:  // What we want is repeated anyway, and repeating is harmless.
    case WorkerMessage::MESSAGE_NOT_SET:
      break;
  }
}

void GrpcWorkerLink::Core::HandleAttached(const std::string& worker_id) {
  const bool was_known = !worker_id_.empty();
  bool overflowed = false;
  {
    absl::MutexLock lock(&mutex_);
    overflowed = std::exchange(overflowed_, false);
  }
  const bool too_late =
      detached_at_ != Timestamp::Never() && loop_.Now() - detached_at_ > options_.orphan_grace;
  if (was_known && (worker_id != worker_id_ || too_late || overflowed)) {
    log::Write(log::Level::kWarning, "worker_link.rooms_lost",
               {{"worker", log::Public(options_.name)}, {"restarted", worker_id != worker_id_}});
    LoseRooms();
  }
  worker_id_ = worker_id;
  detached_at_ = Timestamp::Never();
  handler_.HandleAttached(worker_id);
  log::Write(log::Level::kInfo, "worker_link.attached",
             {{"worker", log::Public(options_.name)}, {"workerID", log::Public(worker_id)}});
  loop_.Post([core = shared_from_this()] { core->backoff_ = core->options_.min_backoff; });
  absl::MutexLock lock(&mutex_);
  attached_ = true;
  WriteNext();
}

void GrpcWorkerLink::Core::LoseRooms() {
  {
    absl::MutexLock lock(&mutex_);
    queue_.Clear();
  }
  handler_.HandleRoomsLost();
}

void GrpcWorkerLink::Core::ForgetStream() {
  absl::MutexLock lock(&mutex_);
  stream_ = nullptr;
}

void GrpcWorkerLink::Core::HandleStreamDone(const grpc::Status& status) {
  bool was_attached = false;
  bool stopping = false;
  {
    absl::MutexLock lock(&mutex_);
    was_attached = std::exchange(attached_, false);
    stream_ = nullptr;
    running_ = false;
    writing_ = false;
    stopping = stopping_;
  }
  if (stopping) {
    stopped_.Notify();
    return;
  }
  if (was_attached) {
    log::Write(
        log::Level::kWarning, "worker_link.detached",
        {{"worker", log::Public(options_.name)}, {"reason", log::Public(status.error_message())}});
    detached_at_ = loop_.Now();
    handler_.HandleDetached();
  }
  loop_.Post([core = shared_from_this()] { core->ScheduleReconnect(); });
}

namespace {

// gRPC 1.51 ends the threads of its callbacks with the last channel that used them, and then races
// with itself for their queue. So one channel, the first, is kept until the process ends.
void KeepCallbacksAlive(std::shared_ptr<grpc::Channel> channel) {
  static const auto* const kept = new std::shared_ptr<grpc::Channel>(std::move(channel));
  static_cast<void>(kept);
}

}  // namespace

GrpcWorkerLink::GrpcWorkerLink(std::shared_ptr<grpc::Channel> channel,
                               GrpcWorkerLinkOptions options, Loop& loop, Random& random,
                               WorkerLinkHandler& handler)
    : core_(std::make_shared<Core>(channel, std::move(options), loop, random, handler)) {
  KeepCallbacksAlive(std::move(channel));
  core_->Start();
}

GrpcWorkerLink::~GrpcWorkerLink() { core_->Stop(); }

void GrpcWorkerLink::Send(worker::v1::RoomCommand command) { core_->Send(std::move(command)); }

std::shared_ptr<grpc::Channel> ChannelTo(const std::string& address) {
  grpc::ChannelArguments arguments;
  // A worker that vanished without closing is noticed in seconds, not after TCP's minutes.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 10'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 5'000);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 5'000);
  return grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
}

}  // namespace sfu::workerlink
